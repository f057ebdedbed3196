// The text of a failed gateway call. A rejection without a reason ends in a blank (`… rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': `),
// and Node's HTTP/2 drops a header that does, and the text with it. The gateway sends the same text in the status details too.
import type { ServiceError } from '@grpc/grpc-js'
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader'

const DETAILS = 'grpc-status-details-bin'
const STATUS = fromJSON({
  nested: {
    Status: { fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } } },
  },
})['Status'] as MessageTypeDefinition<object, { readonly message?: string }>

/** What the gateway said; empty if it said nothing. Never throws. */
export function statusText({ details, metadata }: Pick<ServiceError, 'details' | 'metadata'>): string {
  if (details !== '') return details
  const [bytes] = metadata.get(DETAILS)
  if (!Buffer.isBuffer(bytes)) return ''
  try {
    return (STATUS.deserialize(bytes).message ?? '').replace(/[\s:]+$/, '')
  } catch {
    return ''
  }
}
