// Which calls the lanes file has sent as streams. Pure.
import type { Lane } from '../job/lane.ts'
import type { StreamingRule } from './lane-rules.ts'
import { fitsLane, fitsProcess } from './pattern.ts'

/** By the first matching rule; null: none matches, so the model decides. */
export function streamingOf(
  rules: readonly StreamingRule[] | undefined,
  { tenantId, bpmnProcessId }: { readonly tenantId: string; readonly bpmnProcessId: string },
  lane: Lane,
): boolean | null {
  const rule = rules?.find((each) => fitsLane(each, lane) && fitsProcess(each, tenantId, bpmnProcessId))
  return rule === undefined ? null : rule.off !== true
}
