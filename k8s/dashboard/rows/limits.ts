// The limits of the lanes, and how much of them is used.
import type { Row } from '../panel.ts'
import { LANE, rate } from '../selectors.ts'

export const limits: Row = {
  title: 'Limits',
  panels: [
    {
      title: 'Share of the quota used',
      description: 'Of requests or tokens, whichever is higher. Near 1 is good: the quota is used.',
      unit: 'percentunit',
      queries: [[`max by (lane) (quarry_lane_quota_used_ratio{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Pace and quota',
      description: 'Requests per minute: what all workers together may send now, and what the quota allows.',
      unit: 'short',
      queries: [
        [`max by (lane) (quarry_lane_pace_requests_per_minute{${LANE}})`, 'pace, {{lane}}'],
        [`max by (lane) (quarry_lane_quota_requests_per_minute{${LANE}})`, 'quota, {{lane}}'],
      ],
    },
    {
      title: 'Calls in flight',
      description:
        'In flight now, and how many the lane can really use (wanted). More workers than these need add nothing.',
      unit: 'short',
      queries: [
        [`max by (lane) (quarry_lane_calls_in_flight{${LANE}})`, 'now, {{lane}}'],
        [`max by (lane) (quarry_lane_wanted_slots{${LANE}})`, 'wanted, {{lane}}'],
        [`max by (lane) (quarry_lane_quota_concurrency{${LANE}})`, 'allowed, {{lane}}'],
      ],
    },
    {
      title: 'Tokens',
      description: 'Tokens reserved for calls in flight, and the quota per minute.',
      unit: 'short',
      queries: [
        [`max by (lane) (quarry_lane_reserved_tokens{${LANE}})`, 'reserved, {{lane}}'],
        [`max by (lane) (quarry_lane_quota_tokens_per_minute{${LANE}})`, 'quota, {{lane}}'],
      ],
    },
    {
      title: 'Throttles',
      description:
        'Calls that AWS refused because a quota was used up. The pace finds a quota by a few throttles; many mean that something else uses the quota.',
      unit: 'reqps',
      queries: [[`sum by (lane) (${rate('quarry_throttles_total', LANE)})`, '{{lane}}']],
    },
    {
      title: 'Cooldown',
      description: 'Time left until a lane sends again after a throttle.',
      unit: 's',
      queries: [[`max by (lane) (quarry_lane_cooldown_seconds{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'State of lanes',
      description:
        'Running, outage (Bedrock cannot be reached), paused or draining. Operators pause, drain and resume lanes (quarry pause, drain, resume).',
      unit: 'short',
      type: 'table',
      width: 24,
      queries: [[`max by (lane, region, model, state) (quarry_lane_state{${LANE}}) == 1`, '']],
    },
  ],
}
