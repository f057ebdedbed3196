// Headers of InvokeModel (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html). Pure.
import { type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { InputFault } from './input-fault.ts'

const JSON_TYPE = 'application/json'

const OPTIONS: Readonly<Record<string, string>> = {
  trace: 'x-amzn-bedrock-trace',
  guardrailIdentifier: 'x-amzn-bedrock-guardrailidentifier',
  guardrailVersion: 'x-amzn-bedrock-guardrailversion',
  performanceConfigLatency: 'x-amzn-bedrock-performanceconfig-latency',
  serviceTier: 'x-amzn-bedrock-service-tier',
}

/**
 * @param own - inputs of the task that the stock connector has not, checked.
 * @param contentType - of the body, if the task does not give one.
 * @throws InputFault
 */
export function invokeHeaders(own: JsonObject, contentType = JSON_TYPE): Readonly<Record<string, string>> {
  if (own['guardrailIdentifier'] !== undefined && own['guardrailVersion'] === undefined)
    throw new InputFault('guardrailVersion: must be given with guardrailIdentifier')
  const options = Object.entries(OPTIONS).flatMap(([input, header]) => {
    const value = own[input]
    return value === undefined ? [] : [[header, headerText(input, value)]]
  })
  return {
    'content-type': headerText('contentType', own['contentType'] ?? contentType),
    accept: headerText('accept', own['accept'] ?? JSON_TYPE),
    ...Object.fromEntries(options),
  }
}

/** Whether a content type is JSON; absent means it is. */
export function isJsonType(contentType = JSON_TYPE): boolean {
  return /^application\/(json|[^;]+\+json)\s*(;|$)/i.test(contentType)
}

/** A template's field may give a number, as for a version. */
function headerText(input: string, value: JsonValue): string {
  const text = numberText(value) ?? String(value)
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim()
  throw new InputFault(`${input}: must consist of printable ASCII characters`)
}
