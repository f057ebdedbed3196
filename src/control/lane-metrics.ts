// Metrics of lanes that all processes share.
import type { LaneFigures } from './lane-figures.ts'
import type { LaneState } from './lane-overview.ts'
import type { MetricSample, ReadMetric } from './read-metrics.ts'
import type { SharedFigures } from './shared-figures.ts'

const LABELS = ['lane', 'region', 'model'] as const
const STATES: readonly LaneState[] = ['running', 'outage', 'paused', 'draining']

function labelsOf({ overview: { name, region, model } }: LaneFigures): Readonly<Record<string, string>> {
  return { lane: name, region, model }
}

/** A figure of each lane; null: a lane without it has no sample. */
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

/** Figures of each lane by state. */
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
    'Jobs in a lane by state: waiting, delayed (put off after a throttle or a transient error, or for a budget) or active (with a worker).',
    ({ overview: { waiting, delayed, active } }) => ({ waiting, delayed, active }),
  ),
  each(
    'quarry_lane_backlog_seconds',
    'How long the jobs of a lane that wait or are delayed take at its pace of now; nothing where nobody knows: it is paused, in an outage, or was never used.',
    ({ overview: { backlogMs } }) => (backlogMs === null ? null : backlogMs / 1_000),
  ),
  each(
    'quarry_lane_away_jobs',
    'Jobs of a lane that went back to Zeebe until it has room for them, as it has its share of the backlog or is drained.',
    ({ away }) => away,
  ),
  each(
    'quarry_lane_oldest_wait_seconds',
    'Age of the oldest job of a lane that is not answered, whether it waits, is put off or runs; 0 for none.',
    ({ oldestMs }) => oldestMs / 1_000,
  ),
  each(
    'quarry_lane_pace_requests_per_minute',
    'Requests per minute that a lane may send now; nothing for a lane that was never used.',
    ({ overview }) => overview.pace.requestsPerMinute,
  ),
  each(
    'quarry_lane_quota_requests_per_minute',
    'Requests per minute of the quota in force, with live changes; nothing where there is none.',
    ({ overview }) => overview.quota.requestsPerMinute,
  ),
  each(
    'quarry_lane_quota_tokens_per_minute',
    'Tokens per minute of the quota in force, with live changes; nothing where there is none.',
    ({ overview }) => overview.quota.tokensPerMinute,
  ),
  each(
    'quarry_lane_quota_concurrency',
    'Calls that may be in flight by the quota in force, with live changes; nothing where there is none.',
    ({ overview }) => overview.quota.concurrency,
  ),
  each(
    'quarry_lane_quota_used_ratio',
    'Share of the quota that was used over about the last 20 seconds, 0 to 1: of the requests or of the tokens, whichever is nearer its end; nothing without a quota.',
    ({ quotaUsed }) => quotaUsed,
  ),
  each(
    'quarry_lane_calls_in_flight',
    'Calls of a lane that Bedrock has not answered, of all workers.',
    ({ calls }) => calls,
  ),
  each(
    'quarry_lane_reserved_tokens',
    'Tokens that the calls in flight of a lane have reserved.',
    ({ reservedTokens }) => reservedTokens,
  ),
  each(
    'quarry_lane_cooldown_seconds',
    'Time until a lane sends again after AWS asked it to wait; 0 when it does not wait.',
    ({ overview }) => overview.pace.cooldownMs / 1_000,
  ),
  byState(
    'quarry_lane_state',
    '1 for the state that a lane is in, 0 for the others: running, outage (it gets no answers of Bedrock), paused or draining.',
    ({ overview: { state } }) => Object.fromEntries(STATES.map((each) => [each, each === state ? 1 : 0])),
  ),
  each(
    'quarry_lane_outage_seconds',
    'Time since a lane got no answers of Bedrock any more; 0 while it gets them.',
    ({ overview: { outage } }) => (outage?.lastedMs ?? 0) / 1_000,
  ),
  each(
    'quarry_lane_wanted_slots',
    'Calls in flight that a lane can really use: its pace times the mean length of a call, no more than it has jobs. Scale workers by it.',
    ({ wantedSlots }) => wantedSlots,
  ),
]
