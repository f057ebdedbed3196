// Which calls the lanes file gives cache points. Pure.
import type { Lane } from '../job/lane.ts'
import type { CachingRule } from './lane-rules.ts'
import { firstFitting, type JobOwner } from './pattern.ts'

/** The first matching rule; null: these calls get no cache points. */
export function cachingOf(
  rules: readonly CachingRule[] | undefined,
  owner: JobOwner,
  lane: Lane,
): CachingRule | null {
  const rule = firstFitting(rules, owner, lane)
  return rule === undefined || rule.off === true ? null : rule
}
