// Metrics of lanes, shared by all processes.
import type { LaneFigures } from './lane-figures.ts'
import type { LaneState } from './lane-overview.ts'
import type { MetricSample, ReadMetric } from './read-metrics.ts'
import type { SharedFigures } from './shared-figures.ts'

const LABELS = ['lane', 'region', 'model'] as const
/** That jobs of a lane fail is no state here: `quarry_jobs_failed_total` counts them. */
const STATES = ['running', 'outage', 'paused', 'draining'] satisfies readonly LaneState[]

function labelsOf({ overview: { name, region, model } }: LaneFigures): Readonly<Record<string, string>> {
  return { lane: name, region, model }
}

/** One figure for each lane; null for a lane without a sample. */
function each(
  name: string,
  help: string,
  figure: (lane: LaneFigures) => number | null,
): ReadMetric<SharedFigures> {
  const sample = (lane: LaneFigures): MetricSample[] => {
    const value = figure(lane)
    return value === null ? [] : [[labelsOf(lane), value]]
  }
  return { name, help, labelNames: LABELS, of: ({ lanes }) => lanes.flatMap(sample) }
}

/** Figures for each lane and state. */
function byState(
  name: string,
  help: string,
  figures: (lane: LaneFigures) => Readonly<Record<string, number>>,
): ReadMetric<SharedFigures> {
  const samples = (lane: LaneFigures): MetricSample[] =>
    Object.entries(figures(lane)).map(([state, value]) => [{ ...labelsOf(lane), state }, value])
  return { name, help, labelNames: [...LABELS, 'state'], of: ({ lanes }) => lanes.flatMap(samples) }
}

export const LANE_METRICS: readonly ReadMetric<SharedFigures>[] = [
  byState(
    'quarry_lane_jobs',
    'Jobs in a lane by state: waiting, delayed (after a throttle or a transient error, or for a budget) or active (with a worker).',
    ({ overview: { waiting, delayed, active } }) => ({ waiting, delayed, active }),
  ),
  each(
    'quarry_lane_backlog_seconds',
    'Time that the waiting and delayed jobs of a lane take at its current pace. No value when unknown: the lane is paused, in an outage, or was never used.',
    ({ overview: { backlogMs } }) => (backlogMs === null ? null : backlogMs / 1_000),
  ),
  each(
    'quarry_lane_away_jobs',
    'Jobs of a lane that are back with Zeebe until the lane has room, because it has its share of the backlog or is draining.',
    ({ away }) => away,
  ),
  each(
    'quarry_lane_oldest_wait_seconds',
    'Age of the oldest unanswered job of a lane, whether waiting, delayed or running; 0 for none.',
    ({ oldestMs }) => oldestMs / 1_000,
  ),
  each(
    'quarry_lane_pace_requests_per_minute',
    'Requests per minute that a lane may send now; no value for a lane that was never used.',
    ({ overview }) => overview.pace.requestsPerMinute,
  ),
  each(
    'quarry_lane_quota_requests_per_minute',
    'Requests per minute of the quota in force, including live changes; no value without a quota.',
    ({ overview }) => overview.quota.requestsPerMinute,
  ),
  each(
    'quarry_lane_quota_tokens_per_minute',
    'Tokens per minute of the quota in force, including live changes; no value without a quota.',
    ({ overview }) => overview.quota.tokensPerMinute,
  ),
  each(
    'quarry_lane_quota_concurrency',
    'Calls in flight that the quota in force allows, including live changes; no value without such a quota.',
    ({ overview }) => overview.quota.concurrency,
  ),
  each(
    'quarry_lane_quota_used_ratio',
    'Share of the quota used over about the last 20 seconds, 0 to 1: of requests or tokens, whichever is higher; no value without a quota.',
    ({ quotaUsed }) => quotaUsed,
  ),
  each(
    'quarry_lane_calls_in_flight',
    'Calls of a lane that Bedrock has not answered yet, all workers together.',
    ({ calls }) => calls,
  ),
  each(
    'quarry_lane_reserved_tokens',
    'Tokens that the calls in flight of a lane have reserved of its quota.',
    ({ reservedTokens }) => reservedTokens,
  ),
  each(
    'quarry_lane_cooldown_seconds',
    'Time until a lane in cooldown sends again after a throttle; 0 without a cooldown.',
    ({ overview }) => overview.pace.cooldownMs / 1_000,
  ),
  byState(
    'quarry_lane_state',
    '1 for the current state of a lane, 0 for the others: running, outage (Bedrock cannot be reached or takes no calls), paused or draining.',
    ({ overview: { state, overrides } }) => {
      const shown = state !== 'failing' ? state : overrides.draining ? 'draining' : 'running'
      return Object.fromEntries(STATES.map((each) => [each, each === shown ? 1 : 0]))
    },
  ),
  each(
    'quarry_lane_outage_seconds',
    'Time since the outage of a lane began; 0 without an outage.',
    ({ overview: { outage } }) => (outage?.lastedMs ?? 0) / 1_000,
  ),
  each(
    'quarry_lane_wanted_slots',
    'Calls in flight that a lane can really use: its pace times the mean duration of a call, at most its jobs. Scale workers by this.',
    ({ wantedSlots }) => wantedSlots,
  ),
]
