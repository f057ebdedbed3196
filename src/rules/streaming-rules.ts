// Which calls the lanes file has sent as streams. Pure.
import type { Lane } from '../job/lane.ts'
import type { StreamingRule } from './lane-rules.ts'
import { firstFitting, type JobOwner } from './pattern.ts'

/** By the first matching rule; null: none matches, so the model decides. */
export function streamingOf(
  rules: readonly StreamingRule[] | undefined,
  owner: JobOwner,
  lane: Lane,
): boolean | null {
  const rule = firstFitting(rules, owner, lane)
  return rule === undefined ? null : rule.off !== true
}
