// Reads an answer of Bedrock to its end, before the SDK looks at it.
import { Readable } from 'node:stream'
import { HttpResponse } from '@smithy/core/protocols'
import { readBody } from './read-body.ts'

/** Where the middleware goes: next to the connection, so that a body is read as soon as it is there. */
export const READ_WHOLE = { step: 'deserialize', priority: 'low', name: 'readWhole' } as const

/** What is told of a call on its way. */
export interface Watch {
  /** The request is ready and signed: from now on an error is the connection's. */
  handed(): void
  /** The whole answer, before the SDK reads it. */
  seen(headers: Readonly<Record<string, string>>, bytes: Buffer): void
}

/** Middleware that gives the SDK the answer in one piece. */
export function readWhole(signal: AbortSignal, { handed, seen }: Watch) {
  return <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      handed()
      const result = await next(args)
      const { response } = result
      if (HttpResponse.isInstance(response) && response.body instanceof Readable) {
        const { statusCode: httpStatusCode, headers } = response
        const bytes = await readBody(response.body, announced(headers), signal).catch((error: object) => {
          throw Object.assign(error, { $metadata: { httpStatusCode } })
        })
        seen(headers, bytes)
        response.body = new Uint8Array(bytes)
      }
      return result
    }
}

function announced(headers: Readonly<Record<string, string>>): number | undefined {
  const length = Number(headers['content-length'])
  return Number.isSafeInteger(length) ? length : undefined
}
