// Frames of AWS event streams (`application/vnd.amazon.eventstream`), by the AWS SDK's own codec. Pure.
import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'

const codec = new EventStreamCodec(toUtf8, fromUtf8)

/** An event. */
export function eventFrame(type: string, payload: unknown): Uint8Array {
  return frame({ ':event-type': type, ':message-type': 'event' }, payload)
}

/** An error that ends a stream: an exception in lower camel case, such as `throttlingException`. */
export function exceptionFrame(type: string, message: string): Uint8Array {
  return frame({ ':exception-type': type, ':message-type': 'exception' }, { message })
}

function frame(names: Readonly<Record<string, string>>, payload: unknown): Uint8Array {
  const all = { ...names, ':content-type': 'application/json' }
  const headers = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, { type: 'string' as const, value }]),
  )
  return codec.encode({ headers, body: fromUtf8(JSON.stringify(payload)) })
}
