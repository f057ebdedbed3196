// What one job asks of Bedrock, after binding and checking. Data only; holds credentials, so it is never logged.
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
   * One for each action of Bedrock. A further one is a further type here: its data is bound in bind-data.ts, checked in check-request.ts,
   * made a request of in bind-request.ts, sized in call-size.ts, sent by aws/call-bedrock.ts as execute/bedrock-caller.ts says, and its
   * answer read in a file of its own beside converse-result.ts.
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
  /** The history and the new message, in the shape of the result. */
  readonly messages: readonly BedrockMessage[]
  /** The diagram is of template version 1 and expects the result of its time. */
  readonly templateV1?: true
  /** The same as they are sent. */
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

/** A piece of a message; with neither text nor document it stands for a block the connector has no shape for. */
export interface BedrockContent {
  readonly text?: string
  /** A reference, never a content. */
  readonly document?: JsonObject
}
