// Frames of AWS event streams (`application/vnd.amazon.eventstream`), by the AWS SDK's own codec. Their payload is left as text, since the
// SDK's reader drops members that its version does not know, and rounds numbers. Pure.
import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'

/** One event of a stream. */
export interface StreamFrame {
  /** `error`: an exception of AWS in place of an event; nothing follows it. */
  readonly kind: 'event' | 'error'
  /** Such as `contentBlockDelta`, or of an error `throttlingException`. */
  readonly type: string
  /** JSON; of an error of the protocol its message. */
  readonly payload: string
}

const CODEC = new EventStreamCodec(toUtf8, fromUtf8)
const LEAST_BYTES = 16

/** All complete frames, up to one that is damaged. */
export function readFrames(bytes: Uint8Array): StreamFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: StreamFrame[] = []
  for (let at = 0; at + LEAST_BYTES <= bytes.length; ) {
    const length = view.getUint32(at)
    if (length < LEAST_BYTES || at + length > bytes.length) break
    try {
      frames.push(frameOf(bytes.subarray(at, at + length)))
    } catch {
      break
    }
    at += length
  }
  return frames
}

function frameOf(bytes: Uint8Array): StreamFrame {
  const { headers, body } = CODEC.decode(bytes)
  const header = (name: string): string => String(headers[name]?.value ?? '')
  switch (header(':message-type')) {
    case 'exception':
      return { kind: 'error', type: header(':exception-type'), payload: toUtf8(body) }
    case 'error':
      return { kind: 'error', type: header(':error-code'), payload: header(':error-message') }
    default:
      return { kind: 'event', type: header(':event-type'), payload: toUtf8(body) }
  }
}

export function isEventStream(headers: Readonly<Record<string, string>>): boolean {
  return headers['content-type']?.startsWith('application/vnd.amazon.eventstream') === true
}
