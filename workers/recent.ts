// What a bedrock role counts of its lanes for people, and when it says which quota it has in force. Wiring only.

import { listCost } from '../src/budgets/model-prices.ts'
import type { LaneName } from '../src/job/ids.ts'
import { parseLaneName } from '../src/job/lane.ts'
import { makeRecentCounter } from '../src/lanes/recent-figures.ts'
import type { ProcessParts } from './role.ts'

/** @param served - the lanes that this process serves now: new rules change their quotas. */
export function countRecent(
  { redis, keys, events, laneRules }: ProcessParts,
  served: () => Iterable<LaneName>,
): void {
  const costOf = listCost()
  const recent = makeRecentCounter(redis, keys, (name) => laneRules.quotaOf(parseLaneName(name)))
  events.on('answered', ({ lane, outcome, retriesLeft }) => {
    const failed = outcome === 'failed' ? 1 : 0
    recent.count(lane, { jobs: 1, failed, incidents: failed === 1 && retriesLeft === 0 ? 1 : 0 })
  })
  events.on('called', ({ lane, end, durationMs, inputTokens, outputTokens, ...cached }) => {
    const { cacheReadTokens = 0, cacheWriteTokens = 0 } = cached
    const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens
    const usage = {
      ...{ input: inputTokens, output: outputTokens },
      ...{ cacheRead: cacheReadTokens, cacheWrite: cacheWriteTokens },
    }
    const usd = tokens === 0 ? 0 : (costOf(parseLaneName(lane).model, usage) ?? 0)
    const throttled = end === 'throttle' ? 1 : 0
    recent.count(lane, { calls: 1, throttled, callMs: durationMs, tokens, microUsd: usd * 1e6 })
  })
  events.on('laneRulesLoaded', () => {
    for (const lane of served()) recent.count(lane, {})
  })
}
