// The figures of a lane's pace, each once: TypeScript imports them, and the Lua scripts of the pace see them by the same names
// (redis/scripts.ts). The rules that use them are told in lane-pace.ts; docs/adr/0005-adaptive-pace.md has the simulation behind them.
// Rates are per second.

/** Of a configured quota is used: calls arrive at AWS a little closer or wider than they were sent. */
export const SHARE = 0.99
/**
 * Requests per second at which a lane of unknown quota begins, one call at first. Quotas below it cost some ten throttled calls
 * until they are found, whatever it is; a lane without a quota sends 3,000 calls within five seconds.
 */
export const FIRST_PACE = 10
/** One request a minute: the pace never falls below it, so that a lane finds out when it is let through again. */
export const LEAST_PACE = 1 / 60

/** After a wave of throttles the pace is this much of what AWS accepts. */
export const CUT = 0.9
/** And this much of itself when the wave before was just now. */
export const CUT_AGAIN = 0.7
/** What AWS accepts is measured too roughly to cut by more than this at once. */
export const LEAST_CUT = 0.7
/** A configured quota is believed more than a measure. */
export const LEAST_CUT_BELOW_CEILING = 0.9
/** A decrease leaves AWS's bucket room for half a request. */
export const LEFT_OUT = 0.5
/** A lane that was shut: a pace that fell below a quarter of what once held. */
export const SHUT = 1 / 4
/** Seconds, or calls, without a throttle after which a throttle is a new matter. */
export const QUIET_SECONDS = 1
export const QUIET_CALLS = 3

/** At first the pace doubles in this many seconds, or calls where these take longer. */
export const DOUBLING_SECONDS = 0.5
export const DOUBLING_CALLS = 2
/** CUBIC's C, per second cubed: the seconds of growth after which the pace is about doubled follow from it. */
export const CURVE = 0.006
/** A decrease is left to take effect before the pace grows, seconds. */
export const HOLD_SECONDS = 0.5
/** A pace of which AWS accepted less than this of late is not used up. */
export const USED_UP = 0.3
/** A lane that sends fewer requests a second than this tries less often for more: about every 80 calls. */
export const EAGER_FROM = 4
/** Memory of the measured flow, seconds or calls. */
export const FLOW_SECONDS = 1.5
export const FLOW_CALLS = 5
/** Memory of how many calls a second are refused for their credential. */
export const REFUSED_SECONDS = 2
/** More turns are expected to be given back than were of late: so a lane gets faster until those that are refused cost little. */
export const REFUSED_TURNS = 3

/** Of the configured tokens per minute at least this much is used, whatever throttles come. */
export const LEAST_TOKEN_SHARE = 0.3
/** A token throttle leaves this of the tokens, and a second without one gives back a fiftieth. */
export const TOKEN_CUT = 0.9
export const TOKEN_GROWTH = 0.02
/** Tokens may be given back any time, so a call that waits for them asks again soon, ms. */
export const TOKEN_WAIT_MS = 250
/** Such a debt of tokens is paid off by time, not by what others give back, ms. */
export const LONG_DEBT_MS = 2_000

/** What remains of the calls in flight after an overload, and how a second without one raises it again. */
export const SLOTS_CUT = 0.7
export const SLOTS_GROWTH = 0.1
/** Calls in flight that need no bound any more. */
export const MANY_SLOTS = 1_000
/** Overloads and token throttles within this time are of one wave, ms. */
export const WAVE_MS = 1_000

/** Cooldowns after a quota that is used up for long: 1, 4, 16 and then 60 minutes, ms. */
export const FIRST_COOLDOWN_MS = 60_000
export const LONGEST_COOLDOWN_MS = 3_600_000
/** After a cooldown one call goes ahead alone for this long, unless it is answered before, ms. */
export const PROBE_MS = 1_000

/**
 * When calls stop a lane: after so many failures in a row, with a first pause of so many ms, and one of so many at the longest at first.
 * Calls that count as attempts are tried sooner: the few sends of a job must not take minutes where it alone is the fault.
 */
export const STOPS = {
  outage: { after: 3, firstMs: 1_000, soonMs: 12_000 },
  unavailable: { after: 5, firstMs: 1_000, soonMs: 12_000 },
  overload: { after: 5, firstMs: 250, soonMs: 1_000 },
  failure: { after: 5, firstMs: 250, soonMs: 1_000 },
} as const
/** The longest pause between two calls in an outage, ms, and which part of the outage's length it may be. */
export const LONGEST_PAUSE_MS = 12_000
export const PART_OF_OUTAGE = 1 / 20
/** A call that tries a lane goes alone for so long, ms: connecting takes no longer (aws/). */
export const ALONE_MS = 12_000
/** Behind one that lives longer others follow in this distance, ms. */
export const BEHIND_MS = 1_000
/** Where another process got an answer so lately, it is this one's own way that fails, ms. */
export const LATELY_MS = 10_000

/** Memory of how a lane is used: seconds, or calls where these are rare. */
export const USE_SECONDS = 20
export const USE_CALLS = 5
/** The mean length of calls follows the latest ones by this. */
export const SMOOTHING = 1 / 16
export const SHORTEST_SECONDS = 0.001
/** A call that took longer was timed by two clocks, as when Redis failed over. */
export const LONGEST_SECONDS = 3_600

/** A clock that went back further is another one, ms. */
export const REWOUND_MS = 2_000
/** The pace of a lane that nobody asks for is forgotten, ms. */
export const KEPT_MS = 7 * 24 * 3_600_000
/** The end of a call is known by its name for so long, ms: after a minute what it gives back matters no more, as the bucket of tokens is full. */
export const TOLD_MS = 60_000

/** A worker asks again so long after it found its lane paused, ms. */
export const PAUSED_MS = 5_000
/**
 * BullMQ fetches no job of a lane that cannot send: for so long at the most, ms, where that may change with any call, and for so long
 * where its next turn is further away. It begins so long before it can.
 */
export const LONGEST_SHUT_MS = 1_000
export const LONGEST_FAR_MS = 60_000
export const AHEAD_MS = 50
/** BullMQ fetches no job of a lane while it counts so many fetches. */
export const CLOSED = Number.MAX_SAFE_INTEGER
