// Sends a bound request by one call of the AWS SDK, and turns the answer into the connector's response.
import type { BedrockClients } from '../aws/bedrock-clients.ts'
import {
  type CallLimits,
  type CallResult,
  type ConverseBlock,
  converse,
  invokeModel,
} from '../aws/call-bedrock.ts'
import type { BedrockRequest, PromptBlock } from '../connector/bedrock-request.ts'
import type { ConnectorError } from '../connector/connector-error.ts'
import { converseResponse } from '../connector/converse-result.ts'
import { converseShapeFault } from '../connector/converse-shape.ts'
import { type ConnectorResponse, invokeResponse } from '../connector/invoke-result.ts'
import type { CallFailure } from '../job/call-failure.ts'
import type { JsonValue } from '../job/json.ts'
import type { TokenUsage } from '../job/token-usage.ts'

/** The result of a call: a response, an answer that the connector rejects, or a failure. */
export type CallAnswer =
  | { readonly kind: 'response'; readonly response: JsonValue; readonly usage: TokenUsage }
  | { readonly kind: 'unusable'; readonly error: ConnectorError; readonly usage: TokenUsage }
  | { readonly kind: 'failure'; readonly failure: CallFailure }

/** Sends a request once. */
export type CallBedrock = (request: BedrockRequest, limits: CallLimits) => Promise<CallAnswer>

export function makeBedrockCaller(clients: BedrockClients): CallBedrock {
  return async (request, limits) => {
    const { region, credentials, endpoint, call } = request
    const client = clients.get(region, credentials, endpoint)
    if (call.action === 'invokeModel') {
      return answerOf(await invokeModel(client, call, limits), invokeResponse)
    }
    const messages = call.prompt.map(({ role, content }) => ({ role, content: content.map(asBlock) }))
    const isAnswer = (text: string) => converseShapeFault(text) === null
    return answerOf(await converse(client, { ...call, messages }, { ...limits, isAnswer }), (message) =>
      converseResponse(call, message),
    )
  }
}

function asBlock(block: PromptBlock): ConverseBlock {
  switch (block.kind) {
    case 'text':
      return { text: block.text }
    case 'image':
      return { image: { format: block.format, source: { bytes: block.bytes } } }
    case 'document':
      return { document: { name: block.name, format: block.format, source: { bytes: block.bytes } } }
  }
}

function answerOf<Answer>(
  result: CallResult<Answer>,
  read: (answer: Answer) => ConnectorResponse,
): CallAnswer {
  if (!result.ok) return { kind: 'failure', failure: result.failure }
  const { usage } = result
  const made = read(result.answer)
  return made.ok
    ? { kind: 'response', response: made.response, usage }
    : { kind: 'unusable', error: made.error, usage }
}
