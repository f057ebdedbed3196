// Middleware of the AWS SDK: puts our body and headers into a request before it is signed, and takes the answer before the SDK reads it.
import { HttpRequest, HttpResponse } from '@smithy/core/protocols'

/** Before the SDK computes the content's length, and the signature. */
export const PUT_BODY = { step: 'build', priority: 'high', name: 'ownBody' } as const

/** Next to the connection. */
export const TAKE_ANSWER = { step: 'deserialize', priority: 'low', name: 'takeAnswer' } as const

/** Path of the streaming twin of an operation. */
const TWIN: Readonly<Record<string, string>> = {
  converse: 'converse-stream',
  invoke: 'invoke-with-response-stream',
}

/**
 * Replaces the body that the SDK made, and adds headers.
 * @param streamed - asks the operation's streaming twin, which takes the same request.
 */
export function ownBody(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
  streamed = false,
) {
  return <Args extends { request: unknown }, Result>(next: (args: Args) => Promise<Result>) =>
    (args: Args): Promise<Result> => {
      const { request } = args
      if (!HttpRequest.isInstance(request)) throw new Error('The AWS SDK made no HTTP request')
      request.body = body
      if (streamed) request.path = request.path.replace(/[^/]+$/, (operation) => TWIN[operation] ?? operation)
      request.headers = { ...request.headers, 'content-type': 'application/json', ...headers }
      return next(args)
    }
}

/** An answer with a successful status. */
export interface RuntimeAnswer {
  readonly status: number
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

export interface AnswerTaker {
  /** The request is ready and signed. From now on errors come from the connection. */
  handed(): void
  /** A successful answer. */
  seen(answer: RuntimeAnswer): void
}

/** Hands out a successful answer; the SDK gets an empty object to parse in its place. */
export function takeAnswer({ handed, seen }: AnswerTaker) {
  return <Args, Result extends { response: unknown }>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      handed()
      const result = await next(args)
      const { response } = result
      if (!HttpResponse.isInstance(response) || response.statusCode >= 300) return result
      const { statusCode, headers, body } = response
      seen({ status: statusCode, headers, bytes: body instanceof Uint8Array ? body : NOTHING })
      return { ...result, response: new HttpResponse({ statusCode, headers, body: NO_FIELDS }) }
    }
}

const NOTHING = new Uint8Array()
const NO_FIELDS = new TextEncoder().encode('{}')
