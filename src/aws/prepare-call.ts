// Signs a request through the SDK, and sends it afterwards. The SDK's middlewares have all returned by then: a call that waits for its answer
// keeps its request and what reads the answer. Otherwise each middleware waits too, and a call takes several KB more.
import type { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { HttpResponse } from '@smithy/core/protocols'
import { getSmithyContext } from '@smithy/core/transport'

/** The first to get the signed request: before what reads the answer. */
const PREPARE = { step: 'deserialize', priority: 'high', name: 'prepareCall' } as const

/** @returns sends the request, once. */
export async function prepareCall(
  client: BedrockRuntimeClient,
  command: ConverseCommand,
  options: { readonly abortSignal: AbortSignal; readonly onBytes?: (bytes: Uint8Array) => void },
): Promise<() => Promise<void>> {
  let send: (() => Promise<void>) | undefined
  command.middlewareStack.add(
    (next, context) => async (args) => {
      // Not the rest of the arguments, which are the command.
      const { input, request } = args
      const signing: Signing = getSmithyContext(context)
      const { signer, httpAuthOption: { signingProperties = {} } = {} } = signing.selectedHttpAuthScheme ?? {}
      // The command keeps all its middlewares.
      delete signing.commandInstance
      send = async () => {
        try {
          const { response } = await next({ input, request })
          // As the SDK does after signing: it corrects the clock by the answer.
          signer?.successHandler?.(response, signingProperties)
        } catch (error) {
          signer?.errorHandler?.(signingProperties)(error)
          throw error
        }
      }
      // Stands for the answer while the middlewares return.
      return { response: new HttpResponse({ statusCode: 200 }), output: { $metadata: {} } as never }
    },
    PREPARE,
  )
  await client.send(command, options)
  if (send === undefined) throw new Error('The AWS SDK made no HTTP request')
  return send
}

/** The part of the SDK's context that signing uses. */
interface Signing {
  commandInstance?: unknown
  readonly selectedHttpAuthScheme?: {
    readonly httpAuthOption: { readonly signingProperties?: Record<string, unknown> }
    readonly signer: {
      successHandler?(response: unknown, properties: Record<string, unknown>): void
      errorHandler?(properties: Record<string, unknown>): (error: unknown) => never
    }
  }
}
