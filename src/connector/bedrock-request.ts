// What one job asks of Bedrock, after binding and checking. Plain data with credentials, so it is never logged.
import type { AnswerSchema } from '../bedrock/answer-schema.ts'
import type { CallOptions } from '../bedrock/call-options.ts'
import type { Credential } from '../job/credential.ts'
import type { JsonObject } from '../job/json.ts'
import { APPLY_GUARDRAIL, COUNT_TOKENS, GUARDRAIL_CHECKS } from '../job/lane.ts'
import type { CallSize } from './call-size.ts'

/** A request that can be sent. */
export interface BedrockRequest {
  readonly credentials: Credential
  /** A valid host label: it becomes part of a host name. */
  readonly region: string
  /** Endpoint to use in place of AWS's own; only with compatibility 8.10. */
  readonly endpoint?: string
  /**
   * One type per action of Bedrock. For another action add a type here, bind its data in bind-data.ts, make its request and size in
   * bind-call.ts, name its path in execute/bedrock-caller.ts, and read its answer there.
   */
  readonly call: InvokeModelCall | ConverseCall | ModelFreeCall
  readonly size: CallSize
}

interface Call {
  readonly modelId: string
  /** Body of the request: JSON text. */
  readonly body: string
  readonly options: CallOptions
  /** Metadata that the task sets, maybe none; absent if it has stock inputs only. It is no part of the body yet. */
  readonly metadata?: JsonObject
}

/** `POST /model/{modelId}/invoke`. */
export interface InvokeModelCall extends Omit<Call, 'body'> {
  readonly action: 'invokeModel'
  /** JSON text, or what the content type says. */
  readonly body: string | Uint8Array
  /** Headers besides those of every request. */
  readonly headers: Readonly<Record<string, string>>
}

/** `POST /model/{modelId}/converse`. */
export interface ConverseCall extends Call {
  readonly action: 'converse'
  /** The history and the new message as the result repeats them, in the stock connector's form or in Bedrock's. */
  readonly messages: readonly JsonObject[]
  /** The schema that the answer must satisfy. */
  readonly schema?: AnswerSchema
  /** The diagram is of template version 1, and expects the result of that version. */
  readonly templateV1?: true
}

/** A call that no model answers: it costs no tokens. */
export type ModelFreeCall = CountTokensCall | ApplyGuardrailCall | GuardrailChecksCall

/** `POST /model/{modelId}/count-tokens`. */
export interface CountTokensCall extends Call {
  readonly action: 'countTokens'
}

/** `POST /guardrail/{guardrailIdentifier}/version/{guardrailVersion}/apply`. */
export interface ApplyGuardrailCall extends Call {
  readonly action: 'applyGuardrail'
  readonly guardrailIdentifier: string
  readonly guardrailVersion: string
}

/** `POST /guardrail-checks/invoke`. */
export interface GuardrailChecksCall extends Call {
  readonly action: 'invokeGuardrailChecks'
}

/** The model of a call's lane. */
export function laneModelId(action: string, modelId: string | null): string | null {
  if (action === 'countTokens') return modelId === null || modelId === '' ? null : COUNT_TOKENS + modelId
  if (action === 'applyGuardrail') return APPLY_GUARDRAIL
  return action === 'invokeGuardrailChecks' ? GUARDRAIL_CHECKS : modelId
}
