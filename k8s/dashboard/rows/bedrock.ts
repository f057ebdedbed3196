// The calls of models: how many, how long, what they cost.
import type { Row } from '../panel.ts'
import { LANE, MODEL, NAMESPACE, orZero, quantile, rate } from '../selectors.ts'

const CALLS = 'quarry_bedrock_call_seconds'

export const bedrock: Row = {
  title: 'Bedrock',
  panels: [
    {
      title: 'Calls by outcome',
      description:
        'ok, throttle, outage (AWS did not execute it), transient (tried again) or final (an error that stays).',
      unit: 'reqps',
      stacked: true,
      queries: [[`sum by (outcome) (${rate(`${CALLS}_count`, MODEL)})`, '{{outcome}}']],
    },
    {
      title: 'Duration of answered calls',
      description: 'Half, 95 % and 99 % of the calls took no longer.',
      unit: 's',
      width: 16,
      queries: [0.5, 0.95, 0.99].map((share) => [
        quantile(share, CALLS, `${MODEL}, outcome="ok"`, 'model'),
        `${share * 100} %, {{model}}`,
      ]),
    },
    {
      title: 'Outages',
      description:
        'How long a lane has got no answers of Bedrock: no connection, no credentials, or a service that takes no calls. Its jobs wait; `quarry lanes` says why.',
      unit: 's',
      queries: [[`max by (lane) (quarry_lane_outage_seconds{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Tokens',
      description: 'By direction, by the second.',
      unit: 'short',
      queries: [[`sum by (direction) (${rate('quarry_tokens_total', MODEL)})`, '{{direction}}']],
    },
    {
      title: 'Cost',
      description:
        'US dollars an hour by the list prices that Quarry knows; models without a price count nothing.',
      unit: 'currencyUSD',
      queries: [[orZero(`3600 * sum by (model) (${rate('quarry_cost_usd_total', MODEL)})`), '{{model}}']],
    },
    {
      title: 'Budgets used',
      description: 'Share of each budget that is spent in its period.',
      unit: 'percentunit',
      queries: ['usd', 'tokens'].map((unit) => [
        orZero(
          `max by (budget) (quarry_budget_spent_${unit}{${NAMESPACE}}) / max by (budget) (quarry_budget_limit_${unit}{${NAMESPACE}})`,
        ),
        `{{budget}}, ${unit}`,
      ]),
    },
  ],
}
