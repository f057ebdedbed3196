// Holds the calls under way, so that each ends once: by its answer, its deadline, its signal, or the port's close.
// A call that is given up always rejects; it must never look as if the gateway had acknowledged it.
import { type CallOptions, Metadata } from '@grpc/grpc-js'
import type { Authorization } from './authorization.ts'
import type { CallErrors, GatewayCall } from './gateway-call.ts'
import type { GatewayError } from './gateway-error.ts'

/** What may end a call from this side. */
export interface CallLimits {
  /** Null for a call that lasts until it is aborted. */
  readonly timeoutMs: number | null
  readonly signal?: AbortSignal
}

/** How a call that was begun tells its end. The first word counts. */
export interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: GatewayError) => void
}

/** Sends the call; gives what cancels it on the wire. */
export type Begin<T> = (metadata: Metadata, options: CallOptions, settle: Settle<T>) => { cancel(): void }

/** The calls under way on one connection. */
export interface OpenCalls {
  /** Fetches the authorization, begins the call, and settles with it. */
  run<T>(call: GatewayCall, limits: CallLimits, begin: Begin<T>): Promise<T>
  /** Rejects all calls under way, and all to come, as `aborted`. */
  close(): void
}

export interface OpenCallsOptions {
  readonly errors: CallErrors
  readonly authorization: Authorization | undefined
  /** How long a token may take where the call has no limit of its own, ms. */
  readonly callTimeoutMs: number
}

export function makeOpenCalls({ errors, authorization, callTimeoutMs }: OpenCallsOptions): OpenCalls {
  const cancels = new Set<() => void>()
  let closed = false

  /** Keeps `cancel` callable by signal and close; gives what forgets it. */
  function watch(cancel: () => void, signal: AbortSignal | undefined): () => void {
    cancels.add(cancel)
    signal?.addEventListener('abort', cancel)
    return () => {
      cancels.delete(cancel)
      signal?.removeEventListener('abort', cancel)
    }
  }

  async function headers(timeoutMs: number): Promise<Metadata> {
    const metadata = new Metadata()
    const value = await (authorization && within(authorization(), timeoutMs))
    if (value) metadata.set('authorization', value)
    return metadata
  }

  return {
    run<T>(call: GatewayCall, { timeoutMs, signal }: CallLimits, begin: Begin<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (closed || signal?.aborted) {
          reject(errors.aborted(call))
          return
        }
        const deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs
        let wire: { cancel(): void } | null = null
        let ended = false
        const end = () => {
          ended = true
          forget()
        }
        const settle: Settle<T> = {
          resolve: (value) => {
            end()
            resolve(value)
          },
          reject: (error) => {
            end()
            reject(error)
          },
        }
        const forget = watch(() => {
          settle.reject(errors.aborted(call))
          wire?.cancel()
        }, signal)
        headers(timeoutMs ?? callTimeoutMs)
          .catch((cause: unknown) => settle.reject(errors.unauthorized(call, cause)))
          .then((metadata) => {
            if (metadata !== undefined && !ended) wire = begin(metadata, { deadline }, settle)
          })
          .catch((cause: unknown) => settle.reject(errors.broken(call, cause)))
      })
    },
    close() {
      closed = true
      for (const cancel of [...cancels]) cancel()
    },
  }
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`none came within ${timeoutMs} ms.`)), timeoutMs).unref()
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
