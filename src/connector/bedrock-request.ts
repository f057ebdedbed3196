// What one job asks of Bedrock, after binding and checking. Plain data with credentials, so it is never logged.
import type { Credential } from '../job/credential.ts'
import type { JsonObject } from '../job/json.ts'
import type { CallSize } from './call-size.ts'
import type { DocumentBlock } from './documents/document-block.ts'

/** A request that can be sent. */
export interface BedrockRequest {
  readonly credentials: Credential
  /** A valid host label: it becomes part of a host name. */
  readonly region: string
  /** Endpoint to use in place of AWS's own; only with compatibility 8.10. */
  readonly endpoint?: string
  /**
   * One type per action of Bedrock. For another action add a type here, bind its data in bind-data.ts, check it in check-request.ts, make
   * the request and its size in bind-request.ts, send it in aws/call-bedrock.ts through execute/bedrock-caller.ts, and read its answer in
   * a file beside converse-result.ts.
   */
  readonly call: InvokeModelCall | ConverseCall
  readonly size: CallSize
}

/** `POST /model/{modelId}/invoke`. */
export interface InvokeModelCall {
  readonly action: 'invokeModel'
  readonly modelId: string
  /** JSON text. */
  readonly body: string
}

/** `POST /model/{modelId}/converse`. A null parameter is left out. */
export interface ConverseCall {
  readonly action: 'converse'
  readonly modelId: string
  readonly maxTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  /** The history and the new message, in the shape that the result has. */
  readonly messages: readonly BedrockMessage[]
  /** The diagram is of template version 1, and expects the result of that version. */
  readonly templateV1?: true
  /** The same messages as they are sent. */
  readonly prompt: readonly PromptMessage[]
}

/** A message of a Converse request. */
export interface PromptMessage {
  /** Passed on as it is; Bedrock judges it. */
  readonly role: string | null
  readonly content: readonly PromptBlock[]
}

/** A block of a Converse request. */
export type PromptBlock = { readonly kind: 'text'; readonly text: string } | DocumentBlock

/** A message as the diagram sees it, in the input's history and in the result. */
export interface BedrockMessage {
  /** Passed on as it is; Bedrock judges it. */
  readonly role: string | null
  readonly contentList: readonly BedrockContent[]
}

/** A piece of a message. Without text and document it stands for a block that the connector has no type for. */
export interface BedrockContent {
  readonly text?: string
  /** A reference, never a content. */
  readonly document?: JsonObject
}
