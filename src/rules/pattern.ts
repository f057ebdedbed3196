// Names by pattern: `*` stands for any characters. Pure.
import type { Lane } from '../job/lane.ts'

/** Whether a name fits a pattern; an absent pattern fits every name. */
export function matches(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 's').test(name)
}

/** Lanes by patterns; what is absent fits every lane. */
export interface LanePattern {
  readonly account?: string | undefined
  /** Accounts that fit besides. */
  readonly accountIds?: readonly string[] | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
}

/** Whether a lane fits all of its patterns. */
export function fitsLane({ account, accountIds, region, model }: LanePattern, lane: Lane): boolean {
  const isItsAccount = matches(account, lane.account) || accountIds?.includes(lane.account) === true
  return isItsAccount && matches(region, lane.region) && matches(model, lane.model)
}

/** Processes by patterns; what is absent fits every one. */
export interface ProcessPattern {
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
}

/** Whether a tenant's process fits both of its patterns. */
export function fitsProcess(
  { tenant, process }: ProcessPattern,
  tenantId: string,
  bpmnProcessId: string,
): boolean {
  return matches(tenant, tenantId) && matches(process, bpmnProcessId)
}
