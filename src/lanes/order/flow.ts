// Who shares a lane: tenants, and in each of them flows, one for each process and level of priority. Pure.

import type { WeightRule } from '../../rules/lane-rules.ts'
import { fitsProcess } from '../../rules/pattern.ts'
import { type Place, turnCost } from './fair-order.ts'

const LOWEST_LEVEL = -10

/** What a job's turn weighs: its tenant among the tenants of a lane, its process among those of the tenant. */
export interface Weights {
  readonly tenant: number
  readonly process: number
}

/** The weights of a tenant and of its process: each that of the first rule that fits and is of such, or 1. */
export function weightsOf(rules: readonly WeightRule[], tenantId: string, bpmnProcessId: string): Weights {
  const fitting = rules.filter((rule) => fitsProcess(rule, tenantId, bpmnProcessId))
  return {
    tenant: fitting.find(({ process }) => process === undefined)?.weight ?? 1,
    process: fitting.find(({ process }) => process !== undefined)?.weight ?? 1,
  }
}

/** Tenant and process of a flow; null for a text that is none. */
export function readFlow(flow: string): { readonly tenantId: string; readonly bpmnProcessId: string } | null {
  const [, tenantId, bpmnProcessId] = /^(\S+) (.+) x[\d.e-]+$/.exec(flow) ?? []
  return tenantId === undefined || bpmnProcessId === undefined ? null : { tenantId, bpmnProcessId }
}

/**
 * The turn of a job. Urgent jobs of a process are a flow besides its others, so that they need not queue behind them.
 * Factors of about the same size, within a power of 2, share a flow: as many flows as factors would be as many shares.
 * @param factor of its priority, more than 0.
 */
export function jobTurn(
  job: { readonly tenantId: string; readonly bpmnProcessId: string },
  { tenant: tenantWeight, process }: Weights,
  factor: number,
): Place {
  const level = Math.max(LOWEST_LEVEL, Math.round(Math.log2(factor)))
  const tenant = job.tenantId.replaceAll(/\s/g, '_')
  return {
    ...{ tenant, flow: `${tenant} ${job.bpmnProcessId} x${2 ** level}` },
    ...{ cost: turnCost(process * factor), tenantCost: turnCost(tenantWeight) },
  }
}
