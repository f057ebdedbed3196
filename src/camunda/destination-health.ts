// How many commands may be under way to each destination, by how the latest ones ended. Zeebe pushes back and loses
// leaders by partition, so a command that a partition refuses tells nothing of the others. Holds no command.
//
//   open ──refused──▶ fewer ──refused, until none is left──▶ closed ──time──▶ one probe ──through──▶ ramp ──▶ open
//                                                              ▲                 ╰──refused──╮
//                                                              ╰─────────────────────────────╯
import { GatewayError } from './gateway-error.ts'

/** A partition by its number, or anything else that a command needs, by its name. */
export type Destination = number | string

/**
 * How a command ended, for its destination: it went through; the destination is busy, or away; or the end tells nothing of
 * the destination, as one that concerns the command alone.
 */
export type CommandEnd = { readonly kind: 'through' } | { readonly kind: 'alone' } | Refusal

export interface Refusal {
  readonly kind: 'busy' | 'away'
  readonly status: string
  readonly message: string
}

/** The right to send one command. */
export interface Pass {
  readonly to: Destination
  readonly round: number
  /** Whether it takes room of others. */
  readonly counts: boolean
  /** Whether the destination has refused commands and not recovered: this one tries how it is. */
  readonly probe: boolean
}

export interface DestinationHealth {
  /** Lets one command go ahead; {@link left} must follow. Null when none may now. */
  enter(to: Destination): Pass | null
  /** The same for one that cannot wait and takes no room of others: null only while it is closed. */
  pass(to: Destination): Pass | null
  left(pass: Pass, end: CommandEnd): void
  /** ms until a probe may be sent; 0 while it is not closed. */
  closedFor(to: Destination): number
  /** Whether a command went through to it after that time. */
  throughSince(to: Destination, at: number): boolean
  /** Whether nothing has gone through to it since it was closed. */
  inTrouble(to: Destination): boolean
  /** Whether there is trouble with all partitions that are known, and some are. */
  allInTrouble(): boolean
}

export interface DestinationHealthOptions {
  /** ms, from any start. */
  readonly now: () => number
  readonly random: () => number
  /** Told once when nothing has gone through for a while, probes included. */
  readonly onAway?: (to: Destination, refusal: Refusal) => void
  /** Told when something goes through after that. */
  readonly onBack?: (to: Destination, awayMs: number) => void
}

/** From so many at once on, a destination that recovers is as open as any. */
const RECOVERED = 64
/** What a refusal leaves. One command that is refused among many that are not closes nothing. */
const LESS = 0.75
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000
/** People are told of what lasts longer: a new leader is elected sooner. */
const TOLD_AFTER_MS = 1_000

interface State {
  /** Counts how often it was closed: what was sent before tells nothing new. */
  round: number
  /** Of this round. */
  underWay: number
  /** Infinity while nothing is wrong. */
  limit: number
  closings: number
  closedUntil: number
  troubledSince: number
  throughAt: number
  told: boolean
}

export function makeDestinationHealth(options: DestinationHealthOptions): DestinationHealth {
  const { now, random, onAway, onBack } = options
  const states = new Map<Destination, State>()
  const stateOf = (to: Destination): State => {
    const known = states.get(to)
    if (known !== undefined) return known
    const times = { closedUntil: 0, troubledSince: 0, throughAt: Number.NEGATIVE_INFINITY }
    const state = {
      round: 0,
      underWay: 0,
      limit: Number.POSITIVE_INFINITY,
      closings: 0,
      told: false,
      ...times,
    }
    states.set(to, state)
    return state
  }
  const wentThrough = (to: Destination, state: State): void => {
    state.throughAt = now()
    state.closings = 0
    state.closedUntil = 0
    // One more for each doubles the number with each round trip.
    state.limit = state.limit + 1 >= RECOVERED ? Number.POSITIVE_INFINITY : state.limit + 1
    if (state.told) onBack?.(to, now() - state.troubledSince)
    state.told = false
  }
  const refused = (to: Destination, state: State, refusal: Refusal): void => {
    if (state.closings === 0) state.troubledSince = now()
    state.limit = Math.floor(LESS * Math.min(state.limit, state.underWay + 1))
    if (state.limit >= 1) return
    state.round += 1
    state.underWay = 0
    state.limit = 1
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(state.closings, 10))
    state.closedUntil = now() + (0.5 + 0.5 * random()) * delayMs
    state.closings += 1
    if (state.told || now() - state.troubledSince < TOLD_AFTER_MS) return
    state.told = true
    onAway?.(to, refusal)
  }
  return {
    enter(to) {
      const state = stateOf(to)
      if (now() < state.closedUntil || state.underWay >= state.limit) return null
      state.underWay += 1
      return { to, round: state.round, counts: true, probe: state.limit < RECOVERED }
    },
    pass(to) {
      const { closedUntil, round } = stateOf(to)
      return now() < closedUntil ? null : { to, round, counts: false, probe: false }
    },
    left({ to, round, counts }, end) {
      const state = stateOf(to)
      const current = round === state.round
      if (current && counts) state.underWay -= 1
      if (end.kind === 'through') wentThrough(to, state)
      else if (end.kind !== 'alone' && current) refused(to, state, end)
    },
    closedFor: (to) => Math.max(0, (states.get(to)?.closedUntil ?? 0) - now()),
    throughSince: (to, at) => (states.get(to)?.throughAt ?? Number.NEGATIVE_INFINITY) > at,
    inTrouble: (to) => (states.get(to)?.closings ?? 0) > 0,
    allInTrouble() {
      const partitions = [...states].filter(([to]) => typeof to === 'number')
      return partitions.length > 0 && partitions.every(([, { closings }]) => closings > 0)
    },
  }
}

/** Of these statuses, the one that a partition answers with that is there and pushes back. */
const BUSY = 'RESOURCE_EXHAUSTED'
/** A partition, or the way to it, is away: for every job alike. */
const AWAY: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'UNAUTHENTICATED',
  'CANCELLED',
])

/** What the answer to a command tells of its partition; null stands for an acknowledgement. */
export function commandEnd(error: unknown): CommandEnd {
  if (error === null) return { kind: 'through' }
  if (!(error instanceof GatewayError)) return { kind: 'alone' }
  const { disposition, status, message } = error
  // The partition has looked for the job.
  if (disposition === 'gone' || disposition === 'notActive') return { kind: 'through' }
  if (disposition === 'aborted') return { kind: 'away', status, message }
  if (disposition !== 'later') return { kind: 'alone' }
  if (status === BUSY) return { kind: 'busy', status, message }
  return AWAY.has(status) ? { kind: 'away', status, message } : { kind: 'alone' }
}
