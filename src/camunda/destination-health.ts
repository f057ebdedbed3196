// How many commands may be under way to each destination, by how the last ones ended. Zeebe pushes back and loses leaders by partition, so
// a partition's refusal tells nothing about the others. Holds no commands.
//
//   open ──refused──▶ fewer ──refused, until none is left──▶ closed ──time──▶ one probe ──through──▶ ramp ──▶ open
//                                                              ▲                 ╰──refused──╮
//                                                              ╰─────────────────────────────╯
import { GatewayError } from './gateway-error.ts'

/** A partition by its number, or anything else that a command depends on, by name. */
export type Destination = number | string

/**
 * What the end of a command shows of its destination: it went through; the destination is busy, or away; or nothing, since the end concerns
 * the command alone.
 */
export type CommandEnd = { readonly kind: 'through' } | { readonly kind: 'alone' } | Refusal

export interface Refusal {
  readonly kind: 'busy' | 'away'
  readonly status: string
  readonly message: string
}

/** Permission to send one command. */
export interface Pass {
  readonly to: Destination
  readonly round: number
  /** Whether it takes up one of the destination's slots. */
  readonly counts: boolean
  /** Whether the destination refused commands and has not recovered: this command tests it. */
  readonly probe: boolean
}

export interface DestinationHealth {
  /** Permits one command; {@link left} must follow. Null if none may be sent now. */
  enter(to: Destination): Pass | null
  /** The same for a command that cannot wait and takes no slot: null only while the destination is closed. */
  pass(to: Destination): Pass | null
  left(pass: Pass, end: CommandEnd): void
  /** ms until a probe may be sent; 0 unless it is closed. */
  closedFor(to: Destination): number
  /** Whether a command has gone through to it since that time. */
  throughSince(to: Destination, at: number): boolean
  /** Whether nothing has gone through to it since it was closed. */
  inTrouble(to: Destination): boolean
  /** Whether partitions are known, and all of them are in trouble. */
  allInTrouble(): boolean
}

interface DestinationHealthOptions {
  /** ms, from any start. */
  readonly now: () => number
  readonly random: () => number
  /** Called once when nothing has gone through for a while, not even probes. */
  readonly onAway?: (to: Destination, refusal: Refusal) => void
  /** Called when something goes through after that. */
  readonly onBack?: (to: Destination, awayMs: number) => void
}

/** A destination that recovers has no limit any more from this many commands at once. */
const RECOVERED = 64
/** A refusal leaves this part of the limit. One refused command among many others closes nothing. */
const LESS = 0.75
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000
/** Only longer trouble is reported: a new leader is elected sooner. */
const TOLD_AFTER_MS = 1_000

interface State {
  /** How often it was closed. Commands from before the last closing show nothing new. */
  round: number
  /** Commands of this round. */
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
    // One more per success doubles the limit with each round trip.
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

/** Of the statuses below, the one of a partition that is there and pushes back. */
const BUSY = 'RESOURCE_EXHAUSTED'
/** The partition, or the way to it, is away, for all jobs alike. */
const AWAY: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'UNAUTHENTICATED',
  'CANCELLED',
])

/** What the answer to a command shows of its partition; null stands for an acknowledgement. */
export function commandEnd(error: unknown): CommandEnd {
  if (error === null) return { kind: 'through' }
  if (!(error instanceof GatewayError)) return { kind: 'alone' }
  const { disposition, status, message } = error
  // To answer this, the partition looked for the job.
  if (disposition === 'gone' || disposition === 'notActive') return { kind: 'through' }
  if (disposition === 'aborted') return { kind: 'away', status, message }
  if (disposition !== 'later') return { kind: 'alone' }
  if (status === BUSY) return { kind: 'busy', status, message }
  return AWAY.has(status) ? { kind: 'away', status, message } : { kind: 'alone' }
}
