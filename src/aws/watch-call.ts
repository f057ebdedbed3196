// A look at a call where it leaves the SDK for the connection, and at its answer before the SDK reads it.
import { HttpResponse } from '@smithy/core/protocols'

/** Where the middleware goes: next to the connection. */
export const WATCH_CALL = { step: 'deserialize', priority: 'low', name: 'watchCall' } as const

export interface CallWatch {
  /** The request is ready and signed: from now on an error is the connection's. */
  handed(): void
  /** The whole answer. */
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
