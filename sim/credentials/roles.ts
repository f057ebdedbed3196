// Which roles may be assumed, and on what conditions. Pure.
import { z } from 'zod'
import { makeMatcher } from '../wildcard.ts'

/** A trust policy. Without any rule, all roles may be assumed. */
export interface RoleRule {
  /** Pattern of the role's ARN. @default any */
  role?: string | undefined
  /** The external id that must be given. */
  externalId?: string | undefined
  /** Session tags that must be given. */
  tags?: readonly string[] | undefined
}

/** The schema of a rule in the settings. */
export const roleRule = z.strictObject({
  role: z.string().min(1).optional(),
  externalId: z.string().min(1).optional(),
  tags: z.array(z.string().min(1)).optional(),
}) satisfies z.ZodType<RoleRule>

/** Whether the rules let a role be assumed so. */
export function mayAssume(
  rules: readonly RoleRule[],
  {
    roleArn,
    externalId,
    tags,
  }: { roleArn: string; externalId?: string | undefined; tags: Readonly<Record<string, string>> },
): boolean {
  if (rules.length === 0) return true
  const rule = rules.find(({ role }) => makeMatcher(role)(roleArn))
  if (rule === undefined) return false
  const rightId = rule.externalId === undefined || rule.externalId === externalId
  return rightId && (rule.tags ?? []).every((name) => Object.hasOwn(tags, name))
}
