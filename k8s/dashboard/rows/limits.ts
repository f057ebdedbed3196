// What bounds the lanes, and how near they are to it.
import type { Row } from '../panel.ts'
import { LANE, rate } from '../selectors.ts'

export const limits: Row = {
  title: 'Limits',
  panels: [
    {
      title: 'Share of the quota used',
      description: 'Of requests or tokens, whichever is nearer its end. Near 1 is good: the quota is used.',
      unit: 'percentunit',
      queries: [[`max by (lane) (quarry_lane_quota_used_ratio{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Pace and quota',
      description: 'Requests a minute: what all workers together may send now, and what the quota allows.',
      unit: 'short',
      queries: [
        [`max by (lane) (quarry_lane_pace_requests_per_minute{${LANE}})`, 'pace, {{lane}}'],
        [`max by (lane) (quarry_lane_quota_requests_per_minute{${LANE}})`, 'quota, {{lane}}'],
      ],
    },
    {
      title: 'Calls in flight',
      description:
        'In flight now, and how many the lane can really use (wanted): more workers than these need add nothing.',
      unit: 'short',
      queries: [
        [`max by (lane) (quarry_lane_calls_in_flight{${LANE}})`, 'now, {{lane}}'],
        [`max by (lane) (quarry_lane_wanted_slots{${LANE}})`, 'wanted, {{lane}}'],
        [`max by (lane) (quarry_lane_quota_concurrency{${LANE}})`, 'allowed, {{lane}}'],
      ],
    },
    {
      title: 'Tokens',
      description: 'Reserved for calls in flight, and the quota of a minute.',
      unit: 'short',
      queries: [
        [`max by (lane) (quarry_lane_reserved_tokens{${LANE}})`, 'reserved, {{lane}}'],
        [`max by (lane) (quarry_lane_quota_tokens_per_minute{${LANE}})`, 'quota, {{lane}}'],
      ],
    },
    {
      title: 'Throttles',
      description:
        'Calls that AWS refused for its quota. A few are how the pace finds a quota; many mean that something else uses it.',
      unit: 'reqps',
      queries: [[`sum by (lane) (${rate('quarry_throttles_total', LANE)})`, '{{lane}}']],
    },
    {
      title: 'Cooldown',
      description: 'What is left of the pause after a throttle.',
      unit: 's',
      queries: [[`max by (lane) (quarry_lane_cooldown_seconds{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'State of lanes',
      description:
        'Running, outage (no answers of Bedrock), paused or draining; the latter two by an operator (quarry pause, resume, drain).',
      unit: 'short',
      type: 'table',
      width: 24,
      queries: [[`max by (lane, region, model, state) (quarry_lane_state{${LANE}}) == 1`, '']],
    },
  ],
}
