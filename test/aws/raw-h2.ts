// An HTTP/2 server written frame by frame, for what Node's own never does: RST_STREAM in the middle of an answer, GOAWAY before a stream
// that has come, no SETTINGS. https://www.rfc-editor.org/rfc/rfc9113#name-frame-definitions
import { createServer, type TLSSocket } from 'node:tls'
import type { Certificate } from '../../sim/certificate.ts'
import { started, type TestServer } from './servers.ts'

const TYPE = { data: 0, headers: 1, rst: 3, settings: 4, ping: 6, goaway: 7 } as const
const PREFACE = 24
const HEAD = 9
const END_STREAM = 1
const ACK = 1
const END_HEADERS = 4
/** `:status: 200` in the static table of HPACK. */
const STATUS_200 = 0x88
const MAX_CONCURRENT_STREAMS = 3

/** A complete request. */
export interface RawStream {
  readonly id: number
  /** Its number on the connection, from 1. */
  readonly nth: number
  readonly socket: TLSSocket
  /** Answers 200 without a length; `whole`: and ends the answer. */
  answer(text: string, whole?: boolean): void
  reset(code: number): void
  goAway(code: number, lastStream: number): void
}

export interface RawOptions {
  /** Left out: no limit; null: no SETTINGS at all. */
  readonly maxConcurrentStreams?: number | null
  /** Whether it sends GOAWAY right after SETTINGS. */
  readonly goesAway?: boolean
}

export function startRawH2(
  { certificate: cert, key }: Certificate,
  serve: (stream: RawStream) => void,
  { maxConcurrentStreams, goesAway = false }: RawOptions = {},
): Promise<TestServer> {
  return started(
    createServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => {})
      const send = (type: number, flags: number, id: number, payload: Buffer): void => {
        const head = Buffer.alloc(HEAD)
        head.writeUIntBE(payload.length, 0, 3)
        head[3] = type
        head[4] = flags
        head.writeUInt32BE(id, 5)
        if (!socket.destroyed) socket.write(Buffer.concat([head, payload]))
      }
      if (maxConcurrentStreams !== null) {
        const setting = Buffer.alloc(maxConcurrentStreams === undefined ? 0 : 6)
        if (maxConcurrentStreams !== undefined) {
          setting.writeUInt16BE(MAX_CONCURRENT_STREAMS, 0)
          setting.writeUInt32BE(maxConcurrentStreams, 2)
        }
        send(TYPE.settings, 0, 0, setting)
      }
      if (goesAway) send(TYPE.goaway, 0, 0, numbers(0, 0))
      let streams = 0
      let read = Buffer.alloc(0)
      let begun = false
      socket.on('data', (piece: Buffer) => {
        read = Buffer.concat([read, piece])
        if (!begun && read.length >= PREFACE) {
          begun = true
          read = read.subarray(PREFACE)
        }
        while (begun && read.length >= HEAD && read.length >= HEAD + read.readUIntBE(0, 3)) {
          const [type, flags = 0, id] = [read[3], read[4], read.readUInt32BE(5)]
          const end = HEAD + read.readUIntBE(0, 3)
          const payload = read.subarray(HEAD, end)
          read = read.subarray(end)
          if (type === TYPE.settings && (flags & ACK) === 0 && maxConcurrentStreams !== null)
            send(TYPE.settings, ACK, 0, Buffer.alloc(0))
          if (type === TYPE.ping && (flags & ACK) === 0) send(TYPE.ping, ACK, 0, payload)
          if ((type !== TYPE.data && type !== TYPE.headers) || (flags & END_STREAM) === 0) continue
          streams += 1
          serve({
            ...{ id, socket, nth: streams },
            answer(text, whole = true) {
              send(TYPE.headers, END_HEADERS, id, Buffer.from([STATUS_200]))
              send(TYPE.data, whole ? END_STREAM : 0, id, Buffer.from(text))
            },
            reset(code) {
              send(TYPE.rst, 0, id, numbers(code))
            },
            goAway(code, lastStream) {
              send(TYPE.goaway, 0, 0, numbers(lastStream, code))
            },
          })
        }
      })
    }),
  )
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}
