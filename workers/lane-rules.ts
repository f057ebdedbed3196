// The operators' rules for lanes: the file of lane rules, over the quotas in the settings. Wiring only.
import { type LaneRulesInForce, makeLaneRules } from '../src/settings/lane-rules-file.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { Events } from '../src/telemetry/events.ts'

/** @throws SettingsError when the file is wrong or cannot be read. */
export function laneRules({ lanesFile, quota, quotas }: Settings, events: Events): LaneRulesInForce {
  return makeLaneRules({
    path: lanesFile,
    quotas,
    byDefault: {
      requestsPerMinute: quota.defaultRequestsPerMinute ?? null,
      tokensPerMinute: quota.defaultTokensPerMinute ?? null,
    },
    events,
  })
}
