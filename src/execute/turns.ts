// Whose turn it is in a lane: the calls of this process that wait for the lane's pace, in the order they came. Only the
// first of them asks Redis, so that thousands that wait cost nothing and none overtakes another.
import type { LaneName } from '../job/ids.ts'
import type { EndedCall } from '../lanes/pace/lane-pace.ts'
import type { Asked, Wait } from '../lanes/pace/pace-store.ts'
import { askUntilStopped } from '../redis/retry-until-stopped.ts'
import { pause } from '../time/bounded-wait.ts'

/** A call that wants to be sent. */
export interface Candidate {
  /** To be reserved of the tokens per minute. */
  readonly tokens: number
  /** Whether it must be sent for its own lane, whatever route there is. */
  readonly stays: boolean
  /** For how long its job has waited already, ms. */
  readonly waitedMs: number
}

/** A turn in a lane: its own, or one of its route. */
export interface Turn {
  readonly lane: LaneName
  /** By Redis's clock, ms. */
  readonly sentAt: number
  /** Reserved, or of a trial estimated: what counts where the answer does not tell what was used. */
  readonly tokens: number
  /** It takes its turn when it ends. */
  readonly isTrial?: true
}

/**
 * `later`: not for `waitMs`, the job is better off in its lane. `stopped`: the signal was aborted before. `waitedFor` is what
 * it had to wait for, or the one ahead of it; absent when it had not to wait.
 */
export type Taken =
  | { readonly kind: 'go'; readonly turn: Turn; readonly waitedFor?: Wait['reason'] | undefined }
  | { readonly kind: 'later'; readonly waitMs: number; readonly waitedFor?: Wait['reason'] | undefined }
  | { readonly kind: 'stopped' }

/** How the call of a turn ended. */
export type TurnEnd = Pick<EndedCall, 'end' | 'used' | 'retryAfterMs' | 'why'>

export interface Turns {
  /** Waits until a call may be sent. A turn that came just as `signal` was aborted is given, and to be ended unused. */
  take(candidate: Candidate, signal: AbortSignal): Promise<Taken>
  /** A turn beside the line, for a trial; null where it has to wait in line. */
  trial(tokens: number): Promise<Turn | null>
  /** Settles a turn by the end of its call. Never rejects: without it the pace only knows less. */
  end(turn: Turn, end: TurnEnd): Promise<void>
  /** Whether the lane sends nothing for a while. Asks Redis at first, and then only while it is closed. */
  closed(): Promise<boolean>
}

/** What a candidate asks for. */
export interface TurnAsked extends Asked {
  readonly stays: boolean
  /** For how long its job has waited, ms. */
  readonly sinceMs: number
}

export type TurnGrant = { readonly kind: 'go'; readonly lane: LaneName; readonly sentAt: number } | Wait

export interface TurnParts {
  readonly reserve: (asked: TurnAsked) => Promise<TurnGrant>
  /** When a trial may be sent, by Redis's clock, ms; null: it may not. */
  readonly trial: () => Promise<{ readonly lane: LaneName; readonly sentAt: number } | null>
  /** What the next call of the lane would wait for; null when it would not, or may go elsewhere. */
  readonly look: () => Promise<Wait | null>
  readonly settle: (lane: LaneName, call: EndedCall) => Promise<void>
  readonly onFailure: (error: unknown) => void
  /** ms, from any start. */
  readonly now: () => number
}

/** A call that waits longer does not keep a place in the process: its job goes back to the front of the lane. */
const LONGEST_STAY_MS = 2_000
/** A quota that was raised, or an operator's wish, is noticed after this. */
const ASK_AGAIN_MS = 1_000

interface Waiting extends Candidate {
  readonly since: number
  readonly signal: AbortSignal
  readonly resolve: (taken: Taken) => void
  /** Redis is asked for it just now. */
  isAsked: boolean
}

export function makeTurns(parts: TurnParts): Turns {
  // In the order in which they came.
  const line = new Set<Waiting>()
  const gate = makeGate(parts)
  let isMoving = false
  let waitsFor: Wait['reason'] | undefined
  const leave = (each: Waiting, taken: Taken): void => {
    line.delete(each)
    each.resolve(taken)
  }
  const sendAway = (waitMs: number, who: (each: Waiting) => boolean): void => {
    for (const each of line) if (who(each)) leave(each, { kind: 'later', waitMs, waitedFor: waitsFor })
    if (line.size === 0) gate.close(waitMs)
  }
  /** Ms until it may be asked for again; null: it has left the line. */
  const askFor = async (each: Waiting): Promise<number | null> => {
    each.isAsked = true
    const grant = await ask(parts, each, line.size)
    each.isAsked = false
    if (grant?.kind === 'wait') {
      waitsFor = grant.reason
      return grant.waitMs
    }
    leave(each, grant === null ? STOPPED : granted(grant, each, waitsFor))
    return null
  }
  const move = async (): Promise<void> => {
    isMoving = true
    for (let [first] = line; first !== undefined; [first] = line) {
      const ownMs = await askFor(first)
      if (ownMs === null) continue
      // One that must stay holds up none that may go elsewhere.
      const other = first.stays ? [...line].find(({ stays }) => !stays) : undefined
      const otherMs = other === undefined ? ownMs : await askFor(other)
      if (otherMs === null) continue
      if (ownMs > LONGEST_STAY_MS) sendAway(ownMs, ({ stays }) => other === undefined || stays)
      else await pause(Math.min(ASK_AGAIN_MS, ownMs, otherMs), first.signal)
    }
    // At once: who enters the line a moment later must find nobody at work.
    isMoving = false
  }
  const enter = (each: Omit<Waiting, 'resolve' | 'isAsked'>): Promise<Taken> => {
    const { promise, resolve } = Promise.withResolvers<Taken>()
    const waiting: Waiting = { ...each, resolve, isAsked: false }
    line.add(waiting)
    onAbort(each.signal, promise, () => {
      // While Redis is asked for it, it leaves with the answer: a turn that was granted has to be taken.
      if (line.has(waiting) && !waiting.isAsked) leave(waiting, STOPPED)
    })
    if (!isMoving) void move()
    return promise
  }
  return {
    async take(candidate, signal) {
      const each = { ...candidate, signal, since: parts.now() - candidate.waitedMs }
      if (line.size > 0) return enter(each)
      // Where nobody waits, all ask at once: none overtakes another.
      const grant = await ask(parts, each, 1)
      if (grant === null) return STOPPED
      if (grant.kind === 'go') return granted(grant, each)
      waitsFor = grant.reason
      return enter(each)
    },
    async trial(tokens) {
      const grant = await parts.trial().catch(parts.onFailure)
      return grant ? { ...grant, tokens, isTrial: true } : null
    },
    end: (turn, end) => parts.settle(turn.lane, endedCall(turn, end)).catch(parts.onFailure),
    closed: gate.isClosed,
  }
}

function endedCall({ sentAt, tokens, isTrial }: Turn, end: TurnEnd): EndedCall {
  if (!isTrial) return { ...end, sentAt, reserved: tokens }
  return { ...end, used: end.used ?? tokens, sentAt, reserved: 0, isTrial }
}

/** Whether a lane sends nothing for a while. It is looked at once, and after that only where it was closed. */
function makeGate({ look, now }: Pick<TurnParts, 'look' | 'now'>) {
  let known: 'nothing' | 'open' | { readonly closedUntil: number } = 'nothing'
  return {
    close(ms: number): void {
      known = { closedUntil: now() + ms }
    },
    async isClosed(): Promise<boolean> {
      if (known === 'open' || (known !== 'nothing' && now() >= known.closedUntil)) return false
      const seen = await look()
      if (seen !== null && seen.waitMs > LONGEST_STAY_MS) return true
      known = 'open'
      return false
    },
  }
}

const STOPPED: Taken = { kind: 'stopped' }

function ask(
  { reserve, onFailure, now }: TurnParts,
  { tokens, stays, since, signal }: Omit<Waiting, 'resolve' | 'isAsked'>,
  waiting: number,
): Promise<TurnGrant | null> {
  const asked = { tokens, stays, waiting, sinceMs: now() - since }
  return askUntilStopped(() => reserve(asked), { stopping: signal, onFailure })
}

/** Acts when the signal is aborted, unless `over` comes first. */
function onAbort(signal: AbortSignal, over: Promise<unknown>, act: () => void): void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act)
  void over.finally(() => signal.removeEventListener('abort', act))
}

function granted(
  { lane, sentAt }: Extract<TurnGrant, { kind: 'go' }>,
  { tokens }: Candidate,
  waitedFor?: Wait['reason'],
): Taken {
  return { kind: 'go', turn: { lane, sentAt, tokens }, waitedFor }
}
