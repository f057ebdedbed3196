// Which lanes the jobs of a tenant may name, if an operator restricts them. Pure.
import type { Lane } from '../job/lane.ts'
import type { AllowRule } from './lane-rules.ts'
import { matches } from './pattern.ts'

/** Whether any entry matches; without a list all lanes are allowed. */
export function isAllowed(
  allow: readonly AllowRule[] | undefined,
  tenantId: string,
  { region, model }: Pick<Lane, 'region' | 'model'>,
): boolean {
  if (allow === undefined) return true
  return allow.some(
    (rule) => matches(rule.tenant, tenantId) && matches(rule.region, region) && matches(rule.model, model),
  )
}
