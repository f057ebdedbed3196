// Calls of Bedrock: number, duration, cost.
import type { Row } from '../panel.ts'
import { LANE, MODEL, NAMESPACE, orZero, quantile, rate } from '../selectors.ts'

const CALLS = 'quarry_bedrock_call_seconds'

export const bedrock: Row = {
  title: 'Bedrock',
  panels: [
    {
      title: 'Calls by outcome',
      description:
        'ok, throttle, outage (AWS did not execute the call), transient (retried) or final (an error that is not retried).',
      unit: 'reqps',
      stacked: true,
      queries: [[`sum by (outcome) (${rate(`${CALLS}_count`, MODEL)})`, '{{outcome}}']],
    },
    {
      title: 'Duration of answered calls',
      description: 'Median, 95th and 99th percentile.',
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
        'Time since the outage of a lane began: no connection, no credentials, or a service that takes no calls. Its jobs wait; `quarry lanes` shows the reason.',
      unit: 's',
      queries: [[`max by (lane) (quarry_lane_outage_seconds{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Tokens',
      description: 'Tokens per second by direction.',
      unit: 'short',
      queries: [[`sum by (direction) (${rate('quarry_tokens_total', MODEL)})`, '{{direction}}']],
    },
    {
      title: 'Cost',
      description:
        'US dollars per hour by the list prices that Quarry knows; models without a price count 0.',
      unit: 'currencyUSD',
      queries: [[orZero(`3600 * sum by (model) (${rate('quarry_cost_usd_total', MODEL)})`), '{{model}}']],
    },
    {
      title: 'Budgets used',
      description: 'Share of each budget spent in its period.',
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
