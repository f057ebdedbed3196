// Arguments and results of binding, in a form that can be sent to another thread. Numbers kept as text would not survive that, so what may
// hold one goes as JSON text.
import type { BedrockRequest, ConverseCall } from '../connector/bedrock-request.ts'
import type { Bound } from '../connector/bind-request.ts'
import {
  type DocumentContent,
  type DocumentNeed,
  DocumentSupply,
  type Supplied,
} from '../connector/documents/document-supply.ts'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'

/** The supplied parts of documents, under the keys of the supply. */
export interface SupplyCopy {
  readonly contents: readonly (readonly [key: string, content: Supplied<DocumentContent>])[]
  /** Values as JSON text. */
  readonly values: readonly (readonly [key: string, value: Supplied<string>])[]
}

export function copySupply(supply: DocumentSupply): SupplyCopy {
  const { contents, values } = supply.parts()
  return {
    contents,
    values: values.map(([key, value]) => [
      key,
      value.ok ? { ok: true, value: stringifyJson(value.value) } : value,
    ]),
  }
}

export function readSupply({ contents, values }: SupplyCopy): DocumentSupply {
  return new DocumentSupply({
    contents,
    values: values.map(([key, value]) => [
      key,
      value.ok ? { ok: true, value: parseJson(value.value) } : value,
    ]),
  })
}

/** Needs as JSON text. */
export function copyNeeds(needs: readonly DocumentNeed[]): string {
  return stringifyJson(needs as unknown as JsonValue)
}

export function readNeeds(copy: string): readonly DocumentNeed[] {
  return parseJson(copy) as unknown as readonly DocumentNeed[]
}

type Call = BedrockRequest['call']

/** A call without `messages`, which begin the result and go as JSON text: they may hold numbers kept as text. */
export type BoundCopy =
  | Extract<Bound, { readonly ok: false }>
  | {
      readonly ok: true
      readonly request: Omit<BedrockRequest, 'call'> & {
        readonly call: Exclude<Call, ConverseCall> | ConverseCopy
      }
    }

interface ConverseCopy extends Omit<ConverseCall, 'messages'> {
  readonly messages: string
}

export function copyBound(bound: Bound): BoundCopy {
  if (!bound.ok) return bound
  const { call, ...request } = bound.request
  if (call.action !== 'converse') return { ok: true, request: { ...request, call } }
  return { ok: true, request: { ...request, call: { ...call, messages: stringifyJson(call.messages) } } }
}

export function readBound(copy: BoundCopy): Bound {
  if (!copy.ok) return copy
  const { call, ...request } = copy.request
  if (call.action !== 'converse') return { ok: true, request: { ...request, call } }
  const messages = parseJson(call.messages) as readonly JsonObject[]
  return { ok: true, request: { ...request, call: { ...call, messages } } }
}
