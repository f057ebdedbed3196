// The turns of a lane in this process: calls wait for the lane's pace in the order they came. Only the first one asks Redis, so that thousands of
// waiting calls cost nothing and none overtakes another.
import type { LaneName } from '../job/ids.ts'
import type { EndedCall } from '../lanes/pace/lane-pace.ts'
import type { Asked, Wait } from '../lanes/pace/pace-store.ts'
import { askUntilStopped } from '../redis/retry-until-stopped.ts'
import { pause } from '../time/bounded-wait.ts'

/** A call that waits to be sent. */
export interface Candidate {
  /** Tokens to reserve. */
  readonly tokens: number
  /** Whether it must be sent for its own lane, even with a route. */
  readonly stays: boolean
  /** How long its job has waited, ms. */
  readonly waitedMs: number
}

/** A turn in a lane: the own one, or one of its route. */
export interface Turn {
  readonly lane: LaneName
  /** By Redis's clock, ms. */
  readonly sentAt: number
  /** Reserved tokens, or the estimate of a trial. They count if the answer has no token counts. */
  readonly tokens: number
  /** It takes its turn when it ends. */
  readonly isTrial?: true
}

/**
 * `later`: not within `waitMs`, so the job should wait in its lane. `stopped`: the signal was aborted before. `waitedFor`: what this call, or the
 * one ahead of it, waited for; absent if it did not wait.
 */
export type Taken =
  | { readonly kind: 'go'; readonly turn: Turn; readonly waitedFor?: Wait['reason'] | undefined }
  | { readonly kind: 'later'; readonly waitMs: number; readonly waitedFor?: Wait['reason'] | undefined }
  | { readonly kind: 'stopped' }

/** How the call of a turn ended. */
export type TurnEnd = Pick<EndedCall, 'end' | 'used' | 'retryAfterMs' | 'why'>

export interface Turns {
  /** Waits until a call may be sent. May return a turn although `signal` was just aborted; end it unused then. */
  take(candidate: Candidate, signal: AbortSignal): Promise<Taken>
  /** A turn for a trial, without waiting; null if it has to wait in line. */
  trial(tokens: number): Promise<Turn | null>
  /** Settles a turn by the end of its call. Never rejects: without it the pace only knows less. */
  end(turn: Turn, end: TurnEnd): Promise<void>
  /** True if the lane's next turn is more than 2 s away. Only queries Redis at first, and while the last answer was "closed". */
  closed(): Promise<boolean>
}

/** The request for a turn. */
export interface TurnAsked extends Asked {
  readonly stays: boolean
  /** How long its job has waited, ms. */
  readonly sinceMs: number
}

export type TurnGrant = { readonly kind: 'go'; readonly lane: LaneName; readonly sentAt: number } | Wait

export interface TurnParts {
  readonly reserve: (asked: TurnAsked) => Promise<TurnGrant>
  /** Asks to send a trial now; null: it may not. */
  readonly trial: () => Promise<{ readonly lane: LaneName; readonly sentAt: number } | null>
  /** What the next call of the lane would wait for; null if it would not wait, or may go elsewhere. */
  readonly look: () => Promise<Wait | null>
  readonly settle: (lane: LaneName, call: EndedCall) => Promise<void>
  readonly onFailure: (error: unknown) => void
  /** ms, from any start. */
  readonly now: () => number
}

/** A call that has to wait longer leaves the process: its job returns to the front of the lane. */
const LONGEST_STAY_MS = 2_000
/** A raised quota, or an operator's change, is noticed after this. */
const ASK_AGAIN_MS = 1_000
/** While all get their turn, so many at the head of the line ask at once: one by one, a fast lane would wait for round trips. */
const MOST_TOGETHER = 32

interface Waiting extends Candidate {
  readonly since: number
  readonly signal: AbortSignal
  readonly resolve: (taken: Taken) => void
  /** A question to Redis for it is under way. */
  isAsked: boolean
}

export function makeTurns(parts: TurnParts): Turns {
  // In order of arrival.
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
  /** @returns ms until the next question for it; null: it left the line. */
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
    for (let [first] = line, together = 1; first !== undefined; [first] = line) {
      const [ownMs, ...others] = await Promise.all(line.values().take(together).toArray().map(askFor))
      together = others.every((ms) => ms === null) ? Math.min(MOST_TOGETHER, 2 * together) : 1
      if (ownMs == null) continue
      together = 1
      // A call that must stay does not block calls that may go elsewhere.
      const other = first.stays ? [...line].find(({ stays }) => !stays) : undefined
      const otherMs = other === undefined ? ownMs : await askFor(other)
      if (otherMs === null) continue
      if (ownMs > LONGEST_STAY_MS) sendAway(ownMs, ({ stays }) => other === undefined || stays)
      else await pause(Math.min(ASK_AGAIN_MS, ownMs, otherMs), first.signal)
    }
    // Synchronously: a call that enters a moment later must start `move` itself.
    isMoving = false
  }
  const enter = (each: Omit<Waiting, 'resolve' | 'isAsked'>): Promise<Taken> => {
    const { promise, resolve } = Promise.withResolvers<Taken>()
    const waiting: Waiting = { ...each, resolve, isAsked: false }
    line.add(waiting)
    onAbort(each.signal, promise, () => {
      // During a question to Redis it leaves with the answer, since a granted turn has to be taken.
      if (line.has(waiting) && !waiting.isAsked) leave(waiting, STOPPED)
    })
    if (!isMoving) void move()
    return promise
  }
  return {
    async take(candidate, signal) {
      const each = { ...candidate, signal, since: parts.now() - candidate.waitedMs }
      if (line.size > 0) return enter(each)
      // While nobody waits, concurrent questions overtake nobody.
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

/** Whether the lane is closed for a while. Asks once, and again only after it was closed. */
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

/** Calls `act` when the signal is aborted, unless `over` settles first. */
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
