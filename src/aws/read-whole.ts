// Reads an answer of Bedrock to its end, before the SDK looks at it.
import { Readable } from 'node:stream'
import { HttpResponse } from '@smithy/core/protocols'
import { readBody } from './read-body.ts'

/** Where the middleware goes: next to the connection, so that a body is read as soon as it is there. */
export const READ_WHOLE = { step: 'deserialize', priority: 'low', name: 'readWhole' } as const

type Seen = (headers: Readonly<Record<string, string>>, bytes: Buffer) => void

/** Middleware that gives the SDK the answer in one piece, and shows it to `seen` first. */
export function readWhole(signal: AbortSignal, seen: Seen) {
  return <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
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
