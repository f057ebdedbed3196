// How a lane's pace is found and kept: the rules. lanes/pace/reserve.lua, settle.lua and pace-state.lua carry them out, for all
// workers at once; pace-constants.ts has their figures. test/lanes/pace/model is the same rules in TypeScript, which the tests play beside
// the scripts.
//
// The rate of requests:
// - It begins slowly and doubles with each second in which it is used up, until the first throttle.
// - A throttle decreases it, once for each wave: to 0.9 of what AWS has lately accepted, since a bucket that runs dry
//   accepts just its quota; when it throttles again before there was quiet, to 0.7 of what it was.
// - Then it grows as CUBIC does (RFC 9438, 4.1): quickly back to what held before, slowly around it, then faster and
//   faster, so that a quota that was raised is found within seconds and one that was not is seldom exceeded. A constant
//   increase cannot do both. AWS's own SDKs use the same curve, each process for itself
//   (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, adaptive mode).
// - A lane that sends less than it may does not grow: nothing was learned.
// - An answer after waves of throttles, as when an outage ends, brings it back quickly.
// - A quota that is configured is a ceiling, and where the rate begins; one that was raised or is new is believed at once.
//
// A lane whose calls all fail stops, sends one call now and then, and goes on when one succeeds:
// - It stops after some failures in a row, so that one among successes stops no busy lane. Where no connection can be made, few are
//   enough.
// - The pauses double. A call that was sent before the latest pause began says nothing new.
// - The call that tries goes alone until it ends. One that lives longer than connecting may take has a connection, or a
//   worker that died: others follow slowly, so that neither a slow model nor a dead worker holds the lane shut.
// - An answer to a call that was sent since the outage began ends it, be it a throttle.
//
// A trial (execute/trial-calls.ts) is sent without a turn. It counts when it ends, and not at all where AWS refuses its credential. A lane that
// is paused, cools down, or tries one call after an outage sends no trials.

/** How a call ended, as far as the pace is concerned. */
export type PaceEnd =
  /** An answer, or an error that says nothing of how busy Bedrock is. */
  | 'ok'
  | 'throttle'
  /** A throttle that speaks of tokens. */
  | 'tokenThrottle'
  /** AWS cannot be reached: no connection, no credentials. */
  | 'outage'
  /** AWS takes no calls: 503, a model that is not loaded. Also a sign of too many calls at once. */
  | 'unavailable'
  /** A model that took too long: fewer calls at once. */
  | 'overload'
  /** The way, region or model fails otherwise: 500, a broken connection. */
  | 'failure'
  /** A quota that is used up for long, such as tokens per day. */
  | 'quota'
  /** AWS does not take the credential: it looked at no quota, and the lane is as if the call had never been. */
  | 'refused'
  /** Nothing is known: the call was given up on our side. */
  | 'unknown'

/** Why a call waits. */
export type WaitReason = 'requests' | 'tokens' | 'cooldown' | 'probe' | 'outage'

/** What is known of a call when it ends. */
export interface EndedCall {
  readonly end: PaceEnd
  /** When it was let go, by Redis's clock, ms. */
  readonly sentAt: number
  readonly reserved: number
  /** What AWS takes from the quota in the end; null where that is not known: as much as was reserved. */
  readonly used: number | null
  /** What AWS asked for, ms; 0: nothing. */
  readonly retryAfterMs: number
  /** Why it failed, for people: of a call that may begin an outage or a cooldown. The pace does not look at it. @default '' */
  readonly why?: string
  /** Whether it was sent without a turn, which it takes now unless it was refused or never sent. @default false */
  readonly isTrial?: boolean
}
