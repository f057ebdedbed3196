// Finds rules of the lanes file that match no lane: a misspelt name, or the account name of an earlier version, would otherwise have
// no effect without anybody noticing.
import type { Lane } from '../job/lane.ts'
import type { LaneRules } from '../rules/lane-rules.ts'
import { fitsEither } from '../rules/model-profiles.ts'
import { fitsLane, type LanePattern } from '../rules/pattern.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'

/** Rules that match none of the lanes, named as in the file. Quotas without an account are left out: an import lists all models. Pure. */
export function unfitRules(
  { quotas, routes, profiles }: LaneRules,
  lanes: readonly Lane[],
): readonly string[] {
  return [
    ...quotas.flatMap((rule, index) =>
      rule.account === undefined || lanes.some((lane) => fitsEither(rule, lane, profiles))
        ? []
        : [`quotas[${index}] (${shown(rule)})`],
    ),
    ...routes.flatMap((rule, index) =>
      lanes.some((lane) => fitsLane(rule, lane)) ? [] : [`routes[${index}] (${shown(rule)})`],
    ),
  ]
}

function shown(rule: LanePattern): string {
  const parts = (['account', 'region', 'model'] as const).flatMap((part) =>
    rule[part] === undefined ? [] : [`${part} ${rule[part]}`],
  )
  return parts.join(', ')
}

interface UnfitWatchParts {
  /** Lanes that had jobs recently. */
  readonly lanes: () => Promise<readonly Lane[]>
  readonly rules: () => LaneRules
  readonly events: Events
  /** @default 60_000 */
  readonly everyMs?: number
  /** How long a rule must match nothing before it is logged. @default 3_600_000 */
  readonly afterMs?: number
  /** ms, from any start. */
  readonly now: () => number
}

/** Logs each such rule once. Waits while there are no lanes at all. */
export function makeUnfitWatch({
  lanes,
  rules,
  events,
  now,
  everyMs = 60_000,
  afterMs = 3_600_000,
}: UnfitWatchParts): Service {
  let since = new Map<string, number>()
  const logged = new Set<string>()
  const look = async (): Promise<void> => {
    const seen = await lanes()
    if (seen.length === 0) return
    since = new Map(unfitRules(rules(), seen).map((rule) => [rule, since.get(rule) ?? now()]))
    for (const [rule, at] of since) {
      if (now() - at < afterMs || logged.has(rule)) continue
      logged.add(rule)
      events.emit('laneRuleUnfit', { rule, hours: Math.round((now() - at) / 3_600_000) })
    }
  }
  return makeService({
    name: 'looking for lane rules that fit nothing',
    async round() {
      await look()
      return everyMs
    },
    // The dependency watch logs why Redis does not answer.
    onFault: () => undefined,
    afterFaultMs: () => everyMs,
    firstAfterMs: everyMs,
    // A stopping process needs no further check.
    stopWithinMs: 0,
  })
}
