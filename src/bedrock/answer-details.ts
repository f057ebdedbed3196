// The result of a call that a task gets with `resultDetails`: everything that Bedrock answered, and what Quarry knows of the call. Pure.
import { isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import { blocksOf, joinedText, messageOf } from './answer-message.ts'
import { usageOfHeaders } from './usage.ts'

/** What Quarry knows of a call. */
export interface CallFacts {
  readonly region: string
  /** Model id, profile or ARN that was called; null for a guardrail. */
  readonly model: string | null
  /** AWS's id of the request; null if the answer has none. */
  readonly requestId: string | null
  /** US dollars at list price; null for a model without a price, or without token counts. */
  readonly cost: number | null
}

/**
 * Converse's answer (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax).
 * Fields that Quarry does not know are kept.
 * @param history - the messages before the answer, in whatever form they came.
 */
export function converseDetails(
  history: readonly JsonObject[],
  answer: JsonObject,
  facts: CallFacts,
): JsonObject {
  const { output: _, ...others } = answer
  const message = messageOf(answer)
  const blocks = blocksOf(message ?? {})
  return {
    messages: message === null ? history : [...history, message],
    message,
    text: joinedText(blocks),
    toolCalls: toolCalls(blocks),
    ...others,
    ...factsOf(facts),
  }
}

/** InvokeModel's answer: its body, and what its headers tell. */
export function invokeDetails(
  response: JsonValue,
  headers: Readonly<Record<string, string>>,
  facts: CallFacts,
): JsonObject {
  const { input, output, cacheRead, cacheWrite } = usageOfHeaders(headers)
  const latency = headers['x-amzn-bedrock-performanceconfig-latency']
  const tier = headers['x-amzn-bedrock-service-tier']
  return {
    ...(isJsonObject(response) ? response : { body: response }),
    contentType: headers['content-type'] ?? null,
    usage: {
      inputTokens: input,
      outputTokens: output,
      totalTokens: input + output,
      cacheReadInputTokens: cacheRead,
      cacheWriteInputTokens: cacheWrite,
    },
    ...(latency === undefined ? {} : { performanceConfig: { latency } }),
    ...(tier === undefined ? {} : { serviceTier: { type: tier } }),
    ...factsOf(facts),
  }
}

/** Another answer: its fields and the facts. */
export function answerDetails(answer: JsonObject, facts: CallFacts): JsonObject {
  return { ...answer, ...factsOf(facts) }
}

function factsOf({ requestId, model, region, cost }: CallFacts): JsonObject {
  return { requestId, model, region, cost }
}

/**
 * The tools that the model wants to be called: arguments by name, and `_meta` with the id and the name of the tool. The form is that of
 * Camunda's ad-hoc tool calls, which diagrams and task definitions of tools are written for.
 */
function toolCalls(content: readonly JsonValue[]): readonly JsonObject[] {
  return content.flatMap((block) => {
    const use = isJsonObject(block) ? block['toolUse'] : undefined
    // Bedrock itself ran a tool of the server.
    if (!isJsonObject(use) || use['type'] === 'server_tool_use') return []
    const { toolUseId = null, name = null, input = null } = use
    const given = isJsonObject(input) ? input : { input }
    return [{ ...given, _meta: { id: toolUseId, name } }]
  })
}
