// A lane is shared by tenants, and within a tenant by flows: one per process and level of priority. Pure.

import type { WeightRule } from '../../rules/lane-rules.ts'
import { fitsProcess } from '../../rules/pattern.ts'
import { type Place, turnCost } from './fair-order.ts'

const LOWEST_LEVEL = -10

/** Weight of the tenant among the tenants of a lane, and of the process among those of the tenant. */
export interface Weights {
  readonly tenant: number
  readonly process: number
}

/** Each weight is that of the first matching rule without a process, or with one; 1 without such a rule. */
export function weightsOf(rules: readonly WeightRule[], tenantId: string, bpmnProcessId: string): Weights {
  const fitting = rules.filter((rule) => fitsProcess(rule, tenantId, bpmnProcessId))
  return {
    tenant: fitting.find(({ process }) => process === undefined)?.weight ?? 1,
    process: fitting.find(({ process }) => process !== undefined)?.weight ?? 1,
  }
}

/** Tenant and process of a flow; null if the text names no flow. */
export function readFlow(flow: string): { readonly tenantId: string; readonly bpmnProcessId: string } | null {
  const [, tenantId, bpmnProcessId] = /^(\S+) (.+) x[\d.e-]+$/.exec(flow) ?? []
  return tenantId === undefined || bpmnProcessId === undefined ? null : { tenantId, bpmnProcessId }
}

/**
 * The place of a job. Urgent jobs of a process have a flow of their own, so that they do not queue behind its other jobs. Factors within the
 * same power of 2 share a flow: a flow per factor would give a process as many shares as it names factors.
 * @param factor of its priority, greater than 0.
 */
export function jobTurn(
  job: { readonly tenantId: string; readonly bpmnProcessId: string },
  { tenant: tenantWeight, process }: Weights,
  factor: number,
): Place {
  const level = Math.max(LOWEST_LEVEL, Math.round(Math.log2(factor)))
  const tenant = job.tenantId.replaceAll(/\s/g, '_')
  return {
    tenant,
    flow: `${tenant} ${job.bpmnProcessId} x${2 ** level}`,
    cost: turnCost(process * factor),
    tenantCost: turnCost(tenantWeight),
  }
}
