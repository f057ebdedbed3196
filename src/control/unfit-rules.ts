// Rules of the lanes file that name an account or another lane of which nothing is seen: a name that is wrong, or of a version that
// called accounts otherwise, would say nothing for ever.
import type { Lane } from '../job/lane.ts'
import type { LaneRules } from '../rules/lane-rules.ts'
import { fitsEither } from '../rules/model-profiles.ts'
import { fitsLane, type LanePattern } from '../rules/pattern.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'

/** Rules that fit none of these lanes, as a person finds them in the file. Quotas without an account may be an import of all. Pure. */
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

export interface UnfitWatchParts {
  /** Lanes that had jobs lately. */
  readonly lanes: () => Promise<readonly Lane[]>
  readonly rules: () => LaneRules
  readonly events: Events
  /** @default 60_000 */
  readonly everyMs?: number
  /** For how long a rule fits nothing before it is told. @default 3_600_000 */
  readonly afterMs?: number
  /** ms, from any start. */
  readonly now: () => number
}

/** Tells each such rule once, while there are lanes at all. */
export function makeUnfitWatch({
  lanes,
  rules,
  events,
  now,
  everyMs = 60_000,
  afterMs = 3_600_000,
}: UnfitWatchParts): Service {
  let since = new Map<string, number>()
  const told = new Set<string>()
  const look = async (): Promise<void> => {
    const seen = await lanes()
    if (seen.length === 0) return
    since = new Map(unfitRules(rules(), seen).map((rule) => [rule, since.get(rule) ?? now()]))
    for (const [rule, at] of since) {
      if (now() - at < afterMs || told.has(rule)) continue
      told.add(rule)
      events.emit('laneRuleUnfit', { rule, hours: Math.round((now() - at) / 3_600_000) })
    }
  }
  return makeService({
    name: 'looking for lane rules that fit nothing',
    async round() {
      await look()
      return everyMs
    },
    // Why Redis does not answer is what the dependency watch tells.
    onFault: () => undefined,
    afterFaultMs: () => everyMs,
    firstAfterMs: everyMs,
    // What it would still find out nobody is told.
    stopWithinMs: 0,
  })
}
