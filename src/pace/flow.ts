// Who shares a lane: flows, one for each tenant, process and level of priority. Pure.
import { type Turn, turnCost } from './fair-order.ts'
import type { WeightRule } from './lane-rules.ts'
import { fitsProcess } from './pattern.ts'

const LOWEST_LEVEL = -10

/** The weight of a process: that of the first rule that fits, or 1. */
export function processWeight(rules: readonly WeightRule[], tenantId: string, bpmnProcessId: string): number {
  return rules.find((rule) => fitsProcess(rule, tenantId, bpmnProcessId))?.weight ?? 1
}

/** Tenant and process of a flow; null for a text that is none. */
export function readFlow(flow: string): { readonly tenantId: string; readonly bpmnProcessId: string } | null {
  const [, tenantId, bpmnProcessId] = /^(\S+) (.+) x[\d.e-]+$/.exec(flow) ?? []
  return tenantId === undefined || bpmnProcessId === undefined ? null : { tenantId, bpmnProcessId }
}

/**
 * The turn of a job. Urgent jobs of a process are a flow besides its others, so that they need not queue behind them.
 * Factors of about the same size, within a power of 2, share a flow: as many flows as factors would be as many shares.
 * @param weight of its tenant and process.
 * @param factor of its priority, more than 0.
 */
export function jobTurn(
  job: { readonly tenantId: string; readonly bpmnProcessId: string },
  weight: number,
  factor: number,
): Turn {
  const level = Math.max(LOWEST_LEVEL, Math.round(Math.log2(factor)))
  return { flow: `${job.tenantId} ${job.bpmnProcessId} x${2 ** level}`, cost: turnCost(weight * factor) }
}
