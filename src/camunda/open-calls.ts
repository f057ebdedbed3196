// Keeps the calls under way, so that each ends once: by its answer, its deadline, its signal, or the close of the port. A call that is given
// up always rejects; it must never look as if the gateway had acknowledged it.
import { type CallOptions, Metadata } from '@grpc/grpc-js'
import { answerWithin } from '../time/bounded-wait.ts'
import type { Authorization } from './authorization.ts'
import type { CallErrors, GatewayCall } from './gateway-call.ts'
import type { GatewayError } from './gateway-error.ts'

/** What may end a call on this side. */
export interface CallLimits {
  /** Null for a call that lasts until it is aborted. */
  readonly timeoutMs: number | null
  readonly signal?: AbortSignal
}

/** How a call reports its end. Only the first report counts. */
interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: GatewayError) => void
}

/** Sends the call; returns how to cancel it on the wire. */
type Begin<T> = (metadata: Metadata, options: CallOptions, settle: Settle<T>) => { cancel(): void }

/** The calls under way on one connection. */
interface OpenCalls {
  /** Gets the authorization, sends the call, and settles with its end; sends it once more if the token was refused. */
  run<T>(call: GatewayCall, limits: CallLimits, begin: Begin<T>): Promise<T>
  /** Rejects all calls, those under way and later ones, as `aborted`. */
  close(): void
}

interface OpenCallsOptions {
  readonly errors: CallErrors
  readonly authorization: Authorization | undefined
  /** How long a token may take if the call has no limit of its own, ms. */
  readonly callTimeoutMs: number
}

export function makeOpenCalls({ errors, authorization, callTimeoutMs }: OpenCallsOptions): OpenCalls {
  const cancels = new Set<() => void>()
  let closed = false

  /** Lets the signal and close call `cancel`; returns how to forget it. */
  function watch(cancel: () => void, signal: AbortSignal | undefined): () => void {
    cancels.add(cancel)
    signal?.addEventListener('abort', cancel)
    return () => {
      cancels.delete(cancel)
      signal?.removeEventListener('abort', cancel)
    }
  }

  async function header(timeoutMs: number): Promise<string | null> {
    if (authorization === undefined) return null
    return answerWithin(
      timeoutMs,
      authorization.header(),
      () => new Error(`none came within ${timeoutMs} ms.`),
    )
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
        /** A call refused for its token was not carried out: it is sent once more if there is another token. */
        const onRefused = (value: string | null, last: boolean) => (error: GatewayError) => {
          const another =
            error.status === 'UNAUTHENTICATED' && value !== null && authorization?.refused(value) === true
          if (another && !last && !ended) send(true)
          else settle.reject(error)
        }
        const send = (last: boolean): void => {
          header(timeoutMs ?? callTimeoutMs)
            .catch((cause: unknown) => settle.reject(errors.unauthorized(call, cause)))
            .then((value) => {
              if (value === undefined || ended) return
              const metadata = new Metadata()
              if (value !== null) metadata.set('authorization', value)
              wire = begin(metadata, { deadline }, firstWord({ ...settle, reject: onRefused(value, last) }))
            })
            .catch((cause: unknown) => settle.reject(errors.broken(call, cause)))
        }
        send(false)
      })
    },
    close() {
      closed = true
      for (const cancel of [...cancels]) cancel()
    },
  }
}

/** What one sending of a call reports after its end must not settle the next one. */
function firstWord<T>({ resolve, reject }: Settle<T>): Settle<T> {
  let said = false
  const once =
    <Word>(say: (word: Word) => void) =>
    (word: Word) => {
      if (!said) say(word)
      said = true
    }
  return { resolve: once(resolve), reject: once(reject) }
}
