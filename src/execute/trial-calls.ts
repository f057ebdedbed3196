// Trials: calls whose credential AWS has not accepted in this process yet. Refused calls must cost the other jobs of the lane nothing. So the
// worker gives back the fetch of such a job before it looks up the account, sends the call without a turn, in one of a few places, and counts
// the turn afterwards if AWS accepted the credential. A quota is exceeded by at most the places of each process. A trial that gets no place
// soon waits for a turn like any other call.
import type { ProvenCredentials } from '../accounts/proven-credentials.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import type { LeaveGate } from '../job/fair-gate.ts'
import type { WorkOwner } from '../job/fair-queue.ts'
import type { PaceEnd } from '../lanes/pace/lane-pace.ts'
import { signalled } from '../time/bounded-wait.ts'
import type { ServedLane } from './served-lane.ts'

/** Refusals take less. Calls of a good but new credential must not wait long for its first answer, ms. */
const LONGEST_WAIT_MS = 500

/** A place among the trials of a lane. */
export interface Trial {
  /** Whether its credential is still unproven. */
  isNeeded(): boolean
  /** Idempotent. */
  [Symbol.dispose]: LeaveGate
}

/** Takes a place and gives back the job's fetch; null if the credential is proven, or no place is free in time. */
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

/** Ends that AWS gives only after it accepted the credential. */
const ACCEPTED: ReadonlySet<PaceEnd> = new Set(['ok', 'throttle', 'tokenThrottle', 'quota'])

/** Remembers whether AWS accepted or refused the credential of a call. */
export function learnCredential(
  proven: ProvenCredentials,
  { credentials, endpoint }: Pick<BedrockRequest, 'credentials' | 'endpoint'>,
  end: PaceEnd,
): void {
  if (end === 'refused') proven.refused(credentials, endpoint)
  else if (ACCEPTED.has(end)) proven.accepted(credentials, endpoint)
}
