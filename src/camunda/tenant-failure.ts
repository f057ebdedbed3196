// Which of the requested tenants the gateway refuses us. Pure.

const SETTING = 'CAMUNDA_TENANT_ID'

/**
 * What to do about a refusal that names tenants; null for any other.
 * Source: the gateway's and the broker's texts ("… with tenant identifier 'x', but tenant is not authorized …",
 * "… for tenants '[a, b]', but user is not authorized. Authorized tenants are '[a]'", "… but multi-tenancy is disabled").
 * @param details - the status text
 * @param tenantIds - the tenants asked for
 */
export function tenantFailure(details: string, tenantIds: readonly string[]): string | null {
  if (!/tenan/i.test(details)) return null
  if (/multi-tenancy is disabled/i.test(details)) {
    return `This cluster has no tenants: remove ${SETTING}.`
  }
  const listed = /Authorized tenants are '\[(.*?)\]'/.exec(details)?.[1]
  const allowed = listed?.split(',').map((id) => id.trim())
  const named = tenantIds.filter((id) => details.includes(`'${id}'`) || details.includes(`\`${id}\``))
  const forbidden = allowed === undefined ? named : tenantIds.filter((id) => !allowed.includes(id))
  const which = forbidden.length === 0 ? tenantIds : forbidden
  const names = which.map((id) => JSON.stringify(id)).join(', ')
  return `No jobs are taken, of any tenant, until this client is assigned to ${names} in Camunda, or ${SETTING} no longer names it.`
}
