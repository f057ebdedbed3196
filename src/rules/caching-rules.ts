// Which calls the lanes file gives cache points. Pure.
import type { Lane } from '../job/lane.ts'
import type { CachingRule } from './lane-rules.ts'
import { fitsLane, fitsProcess } from './pattern.ts'

/** The first matching rule; null: these calls get no cache points. */
export function cachingOf(
  rules: readonly CachingRule[] | undefined,
  { tenantId, bpmnProcessId }: { readonly tenantId: string; readonly bpmnProcessId: string },
  lane: Lane,
): CachingRule | null {
  const rule = rules?.find((each) => fitsLane(each, lane) && fitsProcess(each, tenantId, bpmnProcessId))
  return rule === undefined || rule.off === true ? null : rule
}
