// Weights and priority limits of a tenant's process, from the lanes file. Pure.

import type { LaneRules } from '../../rules/lane-rules.ts'
import { type Weights, weightsOf } from './flow.ts'
import { type PriorityLimits, priorityLimits } from './job-priority.ts'

export interface Shares {
  readonly weights: Weights
  readonly limits: PriorityLimits
}

export function sharesOf(
  { weights, priorities }: Pick<LaneRules, 'weights' | 'priorities'>,
  tenantId: string,
  bpmnProcessId: string,
): Shares {
  return {
    weights: weightsOf(weights, tenantId, bpmnProcessId),
    limits: priorityLimits(priorities, tenantId),
  }
}
