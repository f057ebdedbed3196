// Trials: calls whose credential AWS has not accepted in this process yet. Many of them may be refused, and what is refused must cost the
// other jobs of the lane nothing. So the fetch of such a job is given back before its account is looked up, and its call is sent beside
// the line, in one of a few places, and takes its turn afterwards if AWS accepted it. A quota is exceeded by the places of each
// process at the most. A trial that gets no place soon waits for a turn as any other call.
import type { ProvenCredentials } from '../accounts/proven-credentials.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import type { LeaveGate } from '../job/fair-gate.ts'
import type { WorkOwner } from '../job/fair-queue.ts'
import type { PaceEnd } from '../lanes/pace/lane-pace.ts'
import { signalled } from '../time/bounded-wait.ts'
import type { ServedLane } from './served-lane.ts'

/** Places of a lane in a process. */
export const MOST_TRIALS = 8
/** A refusal takes less. Calls of a credential that turns out to be good must not wait long for the first of them, ms. */
const LONGEST_WAIT_MS = 500

/** A place among the trials of a lane. */
export interface Trial {
  /** Whether AWS has not accepted its credential meanwhile. */
  isNeeded(): boolean
  /** Idempotent. */
  [Symbol.dispose]: LeaveGate
}

/** Takes a place and gives the fetch of the job back; null where the credential is proven, or no place is free in time. */
export async function startTrial(
  proven: ProvenCredentials,
  { served, owner, request, stopping }: TrialAsked,
): Promise<Trial | null> {
  const isNeeded = (): boolean => !proven.has(request.credentials, request.endpoint)
  if (!isNeeded()) return null
  const leave = await signalled(LONGEST_WAIT_MS, stopping, (signal) =>
    served.trials.enter(owner, signal).catch(() => null),
  )
  if (leave === null) return null
  if (!isNeeded()) {
    leave()
    return null
  }
  void served.unfetched().catch(() => undefined)
  return { isNeeded, [Symbol.dispose]: leave }
}

interface TrialAsked {
  readonly served: Pick<ServedLane, 'trials' | 'unfetched'>
  readonly owner: WorkOwner
  readonly request: BedrockRequest
  readonly stopping: AbortSignal
}

/** Ends of calls that AWS gives after it looked at the credential. */
const ACCEPTED: ReadonlySet<PaceEnd> = new Set(['ok', 'throttle', 'tokenThrottle', 'quota'])

/** Remembers what the end of a call says of its credential. */
export function learnCredential(
  proven: ProvenCredentials,
  { credentials, endpoint }: Pick<BedrockRequest, 'credentials' | 'endpoint'>,
  end: PaceEnd,
): void {
  if (end === 'refused') proven.refused(credentials, endpoint)
  else if (ACCEPTED.has(end)) proven.accepted(credentials, endpoint)
}
