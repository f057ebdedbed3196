// The rules by which a lane's pace is found and kept. reserve.lua, settle.lua and pace-state.lua implement them for all workers together;
// pace-constants.ts has the constants. test/lanes/pace/model has the same rules in TypeScript, and tests compare both.
//
// The rate of requests:
// - It begins slowly and doubles with each second in which it is used up, until the first throttle.
// - A throttle decreases it, once for each wave: to 0.9 of what AWS has lately accepted, since a bucket that runs dry
//   accepts just its quota; when it throttles again before there was quiet, to 0.7 of what it was.
// - Then it grows like CUBIC (RFC 9438, 4.1): quickly back to the pace before, slowly around it, then faster and faster. So a raised
//   quota is found within seconds, and an unchanged one is seldom exceeded. A constant increase cannot do both. AWS's own SDKs use the
//   same curve, each process for itself
//   (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, adaptive mode).
// - The pace does not grow while a lane sends less than it may: that proves nothing.
// - An answer after waves of throttles, as at the end of an outage, restores it quickly.
// - A configured quota is the ceiling and the start of the rate. A new or raised one takes effect at once.
//
// A lane whose calls all fail stops, sends one probe now and then, and continues when one succeeds:
// - It stops after several consecutive failures, so that a failure among successes does not stop a busy lane. Fewer are enough if no
//   connection can be made.
// - The pauses double. Calls that were sent before the latest pause began do not count.
// - The probe goes alone until it ends. If it lasts longer than connecting may take, it has a connection, or its worker died: others
//   follow slowly, so that neither a slow model nor a dead worker keeps the lane closed.
// - An answer to a call that was sent during the outage ends it, even a throttle.
//
// A trial (execute/trial-calls.ts) is sent without a turn. It takes its turn when it ends, or none if AWS refused its credential. A lane
// that is paused, cools down or probes sends no trials.

/** How a call ended, for the pace. */
export type PaceEnd =
  /** An answer, or an error that is unrelated to load. */
  | 'ok'
  | 'throttle'
  /** A throttle by tokens. */
  | 'tokenThrottle'
  /** AWS cannot be reached: no connection, no credentials. */
  | 'outage'
  /** AWS accepts no calls: 503, a model that is not loaded. Can be caused by too many concurrent calls. */
  | 'unavailable'
  /** A model that took too long: fewer calls at once. */
  | 'overload'
  /** The connection, region or model fails otherwise: 500, a broken connection. */
  | 'failure'
  /** A quota that is used up for long, such as tokens per day. */
  | 'quota'
  /** AWS refused the credential before checking any quota: the call counts nothing. */
  | 'refused'
  /** Unknown: this process gave the call up. */
  | 'unknown'

/** Why a call waits. */
export type WaitReason = 'requests' | 'tokens' | 'cooldown' | 'probe' | 'outage'

/** A call that ended. */
export interface EndedCall {
  readonly end: PaceEnd
  /** When it was sent, by Redis's clock, ms. */
  readonly sentAt: number
  readonly reserved: number
  /** Tokens that AWS takes from the quota in the end; null if unknown, then `reserved` counts. */
  readonly used: number | null
  /** Wait that AWS asked for, ms; 0: none. */
  readonly retryAfterMs: number
  /** Why it failed, for people, if it may begin an outage or a cooldown. The pace does not use it. @default '' */
  readonly why?: string
  /** It was sent without a turn, and takes it now unless it was refused or never sent. @default false */
  readonly isTrial?: boolean
}
