// Constants of a lane's pace. TypeScript imports them, and the Lua scripts of the pace see them by the same names (redis/scripts.ts).
// lane-pace.ts has the rules that use them, docs/adr/0005-adaptive-pace.md the simulation behind them.
// Rates are per second.

/** Used share of a configured quota: calls arrive at AWS slightly closer together or further apart than they were sent. */
export const SHARE = 0.99
/**
 * Requests per second at which a lane of unknown quota begins, one call at first. Quotas below it cost some ten throttled calls
 * until they are found, whatever it is; a lane without a quota sends 3,000 calls within five seconds.
 */
export const FIRST_PACE = 10
/** One request per minute. The pace never falls below it, so that a lane notices when AWS accepts calls again. */
export const LEAST_PACE = 1 / 60

/** After a wave of throttles the pace is this part of what AWS accepts. */
export const CUT = 0.9
/** And this part of itself if the previous wave was just before. */
export const CUT_AGAIN = 0.7
/** Largest cut at once, since the accepted rate is measured roughly. */
export const LEAST_CUT = 0.7
/** The same below a configured quota, which is more reliable than a measurement. */
export const LEAST_CUT_BELOW_CEILING = 0.9
/** A decrease leaves AWS's bucket room for half a request. */
export const LEFT_OUT = 0.5
/** A lane counts as shut if its pace fell below a quarter of `good`. */
export const SHUT = 1 / 4
/** A throttle after this many seconds, or calls, without one begins a new wave. */
export const QUIET_SECONDS = 1
export const QUIET_CALLS = 3

/** At first the pace doubles in this many seconds, or calls where these take longer. */
export const DOUBLING_SECONDS = 0.5
export const DOUBLING_CALLS = 2
/** CUBIC's C, per second cubed: the seconds of growth after which the pace is about doubled follow from it. */
export const CURVE = 0.006
/** Seconds after a decrease before the pace grows. */
export const HOLD_SECONDS = 0.5
/** The pace counts as used up if AWS recently accepted at least this part of it. */
export const USED_UP = 0.3
/** Below this many requests per second a lane probes for a higher pace less often: about every 80 calls. */
export const EAGER_FROM = 4
/** Averaging time of the measured flow, seconds or calls. */
export const FLOW_SECONDS = 1.5
export const FLOW_CALLS = 5
/** Averaging time of the rate of refused credentials, seconds. */
export const REFUSED_SECONDS = 2
/** Expect this many times the recent rate of refusals, so that a lane speeds up until refused calls cost little. */
export const REFUSED_TURNS = 3

/** Smallest used share of the configured tokens per minute, after any number of throttles. */
export const LEAST_TOKEN_SHARE = 0.3
/** A token throttle reduces the share to this part, and each second without one adds a fiftieth. */
export const TOKEN_CUT = 0.9
export const TOKEN_GROWTH = 0.02
/** A call that waits for tokens asks again after this, ms, since tokens may be given back at any time. */
export const TOKEN_WAIT_MS = 250
/** A longer debt of tokens is paid off by time, not by tokens given back, ms. */
export const LONG_DEBT_MS = 2_000

/** An overload reduces the calls in flight to this part, and each second without one raises the limit by that part. */
export const SLOTS_CUT = 0.7
export const SLOTS_GROWTH = 0.1
/** Above this many calls in flight the limit is dropped. */
export const MANY_SLOTS = 1_000
/** Overloads and token throttles within this time belong to one wave, ms. */
export const WAVE_MS = 1_000

/** Cooldowns after a long-term quota is used up: 1, 4, 16 and then 60 minutes, ms. */
export const FIRST_COOLDOWN_MS = 60_000
export const LONGEST_COOLDOWN_MS = 3_600_000
/** After a cooldown one probe goes alone for this long, unless it is answered before, ms. */
export const PROBE_MS = 1_000

/**
 * When failures stop a lane: after how many in a row, the first pause, and the longest pause of a young outage, ms. Failures that count as
 * sends pause for less: the few sends of a job must not take minutes if the job itself is the cause.
 */
export const STOPS = {
  outage: { after: 3, firstMs: 1_000, soonMs: 12_000 },
  unavailable: { after: 5, firstMs: 1_000, soonMs: 12_000 },
  overload: { after: 5, firstMs: 250, soonMs: 1_000 },
  failure: { after: 5, firstMs: 250, soonMs: 1_000 },
} as const
/** Longest pause between two calls in an outage, ms, and its largest part of the outage's length. */
export const LONGEST_PAUSE_MS = 12_000
export const PART_OF_OUTAGE = 1 / 20
/** A probe in an outage goes alone for this long, ms: connecting takes no longer (aws/). */
export const ALONE_MS = 12_000
/** If it lasts longer, others follow at this interval, ms. */
export const BEHIND_MS = 1_000
/** If another process got an answer within this time, only this process's connection fails, ms. */
export const LATELY_MS = 10_000

/** Averaging time of a lane's use: seconds, or calls if these are rare. */
export const USE_SECONDS = 20
export const USE_CALLS = 5
/** Weight of the latest call in the mean length of calls. */
export const SMOOTHING = 1 / 16
export const SHORTEST_SECONDS = 0.001
/** A longer time was measured by two clocks, as after a failover of Redis. */
export const LONGEST_SECONDS = 3_600

/** A clock that went back further is another server's, ms. */
export const REWOUND_MS = 2_000
/** An unused pace is forgotten after this, ms. */
export const KEPT_MS = 7 * 24 * 3_600_000
/** A repeated end of a call is recognised for this long, ms. After a minute it does no harm, as all tokens are there again. */
export const TOLD_MS = 60_000

/** A worker asks a paused lane again after this, ms. */
export const PAUSED_MS = 5_000
/**
 * BullMQ fetches no jobs of a lane that cannot send: for at most LONGEST_SHUT_MS, since any call may change that, or LONGEST_FAR_MS if the
 * next turn is further away. Fetching begins AHEAD_MS before the turn.
 */
export const LONGEST_SHUT_MS = 1_000
export const LONGEST_FAR_MS = 60_000
export const AHEAD_MS = 50
/** The count of fetches by which the pace closes a lane to BullMQ. */
export const CLOSED = Number.MAX_SAFE_INTEGER
