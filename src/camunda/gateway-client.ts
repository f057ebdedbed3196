// The calls to a Zeebe gateway that the ports consist of: each has a deadline, can be cancelled, and fails with a GatewayError. Knows no
// command and never retries: the caller decides that.
import { type ClientReadableStream, type StatusObject, status as statusCodes } from '@grpc/grpc-js'
import type { Authorization } from './authorization.ts'
import { type GatewayCall, makeCallErrors } from './gateway-call.ts'
import { makeChannel } from './gateway-channel.ts'
import { GatewayError } from './gateway-error.ts'
import { gatewayMethod, loadGatewayService } from './gateway-protocol.ts'
import { type CallLimits, makeOpenCalls } from './open-calls.ts'
import type { TlsFiles } from './tls-files.ts'

const CALL_TIMEOUT_MS = 10_000

/** How to reach a gateway. */
export interface GatewayOptions {
  /** `grpc://host:port`, `grpcs://…`, `http(s)://…` or `host:port`. */
  readonly address: string
  /**
   * Limit of a call, ms; a long poll may take its request timeout on top.
   * @default 10000
   */
  readonly callTimeoutMs?: number | undefined
  /** @default the system's certificate authorities, and no client certificate */
  readonly tls?: TlsFiles | undefined
  /** @default none */
  readonly authorization?: Authorization | undefined
}

/** Calls on one connection. Every method rejects with `GatewayError` only. */
interface GatewayClient {
  /** The default limit of a call, ms. */
  readonly callTimeoutMs: number
  /** Resolves with the answer: the gateway has acknowledged the command. */
  unary(call: GatewayCall, timeoutMs?: number): Promise<object>
  /**
   * Passes the messages of an answer on one by one; resolves when the gateway has ended it normally. While a promise that `onMessage`
   * returned is pending, no more are read: the gateway then finds the stream blocked.
   */
  serverStream(
    call: GatewayCall,
    limits: CallLimits,
    onMessage: (message: object) => void | Promise<void>,
  ): Promise<void>
  /** Like `unary`; if the gateway is away, the error says why, which takes up to 2 s. */
  unaryExplained(call: GatewayCall): Promise<object>
  /** Rejects all open calls as `aborted` and closes the connection. Idempotent. */
  close(): void
}

/**
 * Makes a client. It connects with the first call.
 * @throws TypeError when the address is not understood, Error when a certificate file cannot be read.
 */
export function makeGatewayClient(options: GatewayOptions): GatewayClient {
  const { authorization, callTimeoutMs = CALL_TIMEOUT_MS } = options
  const service = loadGatewayService()
  const { client, target, explain } = makeChannel(options.address, options.tls)
  const errors = makeCallErrors(target)
  const open = makeOpenCalls({ errors, authorization, callTimeoutMs })

  const self: GatewayClient = {
    callTimeoutMs,
    unary(call, timeoutMs = callTimeoutMs) {
      const { path, requestSerialize, responseDeserialize } = gatewayMethod(service, call.method)
      return open.run(call, { timeoutMs }, (metadata, limits, { resolve, reject }) =>
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          call.request,
          metadata,
          limits,
          (error, answer) => {
            if (error) reject(errors.failed(call, error))
            else if (answer === undefined)
              reject(errors.broken(call, new Error('an answer without a message')))
            else resolve(answer)
          },
        ),
      )
    },
    serverStream(call, limits, onMessage) {
      const { path, requestSerialize, responseDeserialize } = gatewayMethod(service, call.method)
      return open.run<void>(call, limits, (metadata, options, { resolve, reject }) => {
        const stream = client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          call.request,
          metadata,
          options,
        )
        return takeMessages(stream, onMessage, {
          resolve,
          failed: (status) => reject(errors.failed(call, status)),
          broken: (cause) => reject(errors.broken(call, cause)),
        })
      })
    },
    async unaryExplained(call) {
      try {
        return await self.unary(call)
      } catch (error) {
        const away = error instanceof GatewayError && error.status === 'UNAVAILABLE'
        const reason = away ? await explain() : null
        throw reason === null ? error : errors.unreachable(call, reason)
      }
    },
    close() {
      open.close()
      client.close()
    },
  }
  return self
}

interface StreamEnd {
  resolve(): void
  failed(status: StatusObject): void
  broken(cause: unknown): void
}

/** Passes the messages of a stream on, one at a time if `onMessage` asks for it. */
function takeMessages(
  stream: ClientReadableStream<object>,
  onMessage: (message: object) => void | Promise<void>,
  end: StreamEnd,
): { cancel(): void } {
  let taking = true
  const cancel = () => {
    taking = false
    stream.cancel()
  }
  stream.on('data', (message: object) => {
    if (!taking) return
    const giveUp = (cause: unknown) => {
      end.broken(cause)
      cancel()
    }
    try {
      const busy = onMessage(message)
      if (busy === undefined) return
      stream.pause()
      busy.then(() => stream.resume(), giveUp)
    } catch (cause) {
      giveUp(cause)
    }
  })
  stream.on('error', () => undefined) // `status` tells the same, typed.
  stream.on('status', (status: StatusObject) => {
    if (status.code !== statusCodes.OK) end.failed(status)
  })
  stream.on('end', () => end.resolve())
  return { cancel }
}
