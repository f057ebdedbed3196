// What the gRPC status of a failed gateway call means. Pure: statuses come by name.
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
