// Which credentials the lanes file gives a job, and which roles its task may name. Pure.
import { createHash } from 'node:crypto'
import { type Credential, SESSION_NAME } from '../job/credential.ts'
import { laneRegion } from '../job/request-lane.ts'
import { LONGEST_TAG_VALUE } from '../job/session-tags.ts'
import type { CredentialRule, RoleRule, TaskRoleRule } from './lane-rules.ts'
import { fitsProcess, type JobOwner, matches } from './pattern.ts'

/**
 * The credential that takes the place of the task's; null: the task's own counts.
 * @param region - the one that the task names.
 * @param names - whether the task names credentials itself.
 */
export function ruledCredential(
  rules: readonly CredentialRule[] | undefined,
  owner: JobOwner,
  { region, names }: { readonly region: string; readonly names: boolean },
): Credential | null {
  const { tenantId, bpmnProcessId } = owner
  const rule = rules?.find(
    (each) =>
      (!names || each.overTask === true) &&
      fitsProcess(each, tenantId, bpmnProcessId) &&
      matches(each.region, laneRegion(region)),
  )
  return rule === undefined ? null : credentialOf(rule, owner)
}

/** The credential of a rule for a job. */
export function credentialOf(rule: CredentialRule, owner: JobOwner): Credential {
  const { role, profile, webIdentity, apiKey } = rule
  if (role !== undefined) return assumed(role, owner)
  if (profile !== undefined) return { kind: 'profile', profile }
  if (webIdentity !== undefined) {
    const { roleArn, tokenFile, sessionName = SESSION_NAME } = webIdentity
    return { kind: 'webIdentity', roleArn, tokenFile, sessionName }
  }
  if (apiKey === undefined) return { kind: 'chain' }
  const { env, file = '', account } = apiKey
  const from = env === undefined ? { file } : { env }
  return { kind: 'storedApiKey', from, ...(account === undefined ? {} : { account }) }
}

function assumed({ roleArn, externalId, sessionName, sessionTags }: RoleRule, owner: JobOwner): Credential {
  return {
    kind: 'role',
    roleArn,
    ...(externalId === undefined ? {} : { externalId }),
    sessionName: sessionName ?? SESSION_NAME,
    sessionTags: Object.fromEntries(filledTags(sessionTags ?? {}, owner)),
    by: { kind: 'chain' },
    namedBy: 'rule',
  }
}

/** The tags with the job's tenant and process in place of `{tenant}` and `{process}`. */
export function filledTags(
  tags: Readonly<Record<string, string>>,
  { tenantId, bpmnProcessId }: JobOwner,
): readonly (readonly [string, string])[] {
  return Object.entries(tags).map(([name, value]) => {
    const filled = value
      .replaceAll('{tenant}', () => tagText(tenantId))
      .replaceAll('{process}', () => tagText(bpmnProcessId))
    return [name, filled === value ? value : shortened(filled)]
  })
}

/**
 * AWS does not allow all characters, such as those of `<default>`. A colon stands for them: no id of a tenant has one, so no two tenants get the
 * same tag.
 */
function tagText(id: string): string {
  return id.replaceAll(/[^\p{L}\p{Z}\p{N}_./=+\-@]/gu, ':')
}

/** Policies compare whole values, so a longer one ends with its hash. */
function shortened(value: string): string {
  if (value.length <= LONGEST_TAG_VALUE) return value
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 16)
  return `${value.slice(0, LONGEST_TAG_VALUE - hash.length - 1)}:${hash}`
}

/** Whether a task may name a role that is assumed with the worker's own credentials. */
export function mayNameRole(
  rules: readonly TaskRoleRule[] | undefined,
  { tenantId, bpmnProcessId }: JobOwner,
  roleArn: string,
): boolean {
  return (
    rules?.some((rule) => fitsProcess(rule, tenantId, bpmnProcessId) && matches(rule.role, roleArn)) ?? false
  )
}
