// Observes a call where it leaves the SDK for the connection, and its answer before the SDK reads it.
import { HttpResponse } from '@smithy/core/protocols'

/** Place of the middleware: next to the connection. */
export const WATCH_CALL = { step: 'deserialize', priority: 'low', name: 'watchCall' } as const

export interface CallWatch {
  /** The request is ready and signed. From now on errors come from the connection. */
  handed(): void
  /** The complete answer. */
  seen(headers: Readonly<Record<string, string>>, bytes: Uint8Array): void
}

/** The middleware. */
export function watchCall({ handed, seen }: CallWatch) {
  return <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      handed()
      const result = await next(args)
      const { response } = result
      if (HttpResponse.isInstance(response) && response.body instanceof Uint8Array)
        seen(response.headers, response.body)
      return result
    }
}
