// Headers of InvokeModel (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html). Pure.
import type { JsonObject, JsonValue } from '../job/json.ts'

const JSON_TYPE = 'application/json'

const OPTIONS: Readonly<Record<string, string>> = {
  trace: 'x-amzn-bedrock-trace',
  guardrailIdentifier: 'x-amzn-bedrock-guardrailidentifier',
  guardrailVersion: 'x-amzn-bedrock-guardrailversion',
  performanceConfigLatency: 'x-amzn-bedrock-performanceconfig-latency',
  serviceTier: 'x-amzn-bedrock-service-tier',
}

/** @param own - inputs of the task that the stock connector has not, checked. */
export function invokeHeaders(own: JsonObject): Readonly<Record<string, string>> {
  const options = Object.entries(OPTIONS).flatMap(([input, header]) => {
    const value = own[input]
    return value === undefined ? [] : [[header, String(value)]]
  })
  return {
    'content-type': textOr(own['contentType'], JSON_TYPE),
    accept: textOr(own['accept'], JSON_TYPE),
    ...Object.fromEntries(options),
  }
}

/** Whether a content type is JSON; absent means it is. */
export function isJsonType(contentType = JSON_TYPE): boolean {
  return /^application\/(json|[^;]+\+json)\s*(;|$)/i.test(contentType)
}

function textOr(value: JsonValue | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}
