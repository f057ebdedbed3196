// What the gRPC status of a failed gateway call means, and its text. Pure: statuses come by name.
import type { GatewayDisposition } from './gateway-error.ts'

// A message over a size limit comes under three statuses: grpc-java and grpc-js refuse it as RESOURCE_EXHAUSTED (like back pressure), the
// broker's rejection comes as UNKNOWN or INTERNAL, depending on its version.
const TOO_LARGE =
  /larger than max|exceeds maximum size|decompresses to a size larger|above configured max|EXCEEDED_BATCH_RECORD_SIZE|MAX_MESSAGE_SIZE_EXCEEDED/i

const NOT_ACTIVE = /rejected with code 'INVALID_STATE'/

const LATER: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNKNOWN',
  'ABORTED',
  'DATA_LOSS',
  'CANCELLED',
  // The token may be refreshed by then.
  'UNAUTHENTICATED',
])

/**
 * The meaning of a gateway status for the call. A status that gives a repetition no chance is `rejected`.
 * Source: `GrpcErrorMapper` of Camunda 8, which turns broker errors and rejections into these statuses.
 * @param status - by name, such as `NOT_FOUND`
 * @param details - the status text
 */
export function classifyStatus(status: string, details: string): GatewayDisposition {
  if (status === 'NOT_FOUND') return 'gone'
  if (status === 'FAILED_PRECONDITION' || NOT_ACTIVE.test(details)) return 'notActive'
  if (TOO_LARGE.test(details)) return 'tooLarge'
  return LATER.has(status) ? 'later' : 'rejected'
}

const SETTING = 'CAMUNDA_TENANT_ID'

/**
 * Which of the requested tenants the gateway refuses us, and what to do; null for any other refusal.
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
