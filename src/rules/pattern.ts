// Matching of names by patterns, in which `*` stands for any characters. Pure.
import type { Lane } from '../job/lane.ts'

/** Whether a name matches a pattern; an absent pattern matches every name. */
export function matches(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 's').test(name)
}

/** Patterns of lanes; an absent one matches every lane. */
export interface LanePattern {
  readonly account?: string | undefined
  /** Further matching accounts. */
  readonly accountIds?: readonly string[] | undefined
  readonly region?: string | undefined
  readonly model?: string | undefined
}

/** Whether a lane matches all patterns. */
export function fitsLane({ account, accountIds, region, model }: LanePattern, lane: Lane): boolean {
  const isItsAccount = matches(account, lane.account) || accountIds?.includes(lane.account) === true
  return isItsAccount && matches(region, lane.region) && matches(model, lane.model)
}

/** Patterns of processes; an absent one matches every process. */
interface ProcessPattern {
  readonly tenant?: string | undefined
  /** BPMN process id. */
  readonly process?: string | undefined
}

/** Whose job it is. */
export interface JobOwner {
  readonly tenantId: string
  readonly bpmnProcessId: string
}

/** The first rule that matches a job and its lane. */
export function firstFitting<Rule extends LanePattern & ProcessPattern>(
  rules: readonly Rule[] | undefined,
  { tenantId, bpmnProcessId }: JobOwner,
  lane: Lane,
): Rule | undefined {
  return rules?.find((rule) => fitsLane(rule, lane) && fitsProcess(rule, tenantId, bpmnProcessId))
}

/** Whether a tenant's process matches both patterns. */
export function fitsProcess(
  { tenant, process }: ProcessPattern,
  tenantId: string,
  bpmnProcessId: string,
): boolean {
  return matches(tenant, tenantId) && matches(process, bpmnProcessId)
}
