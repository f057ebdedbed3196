// Arguments and results of binding, in a form that can be sent to another thread. Numbers kept as text would not survive that, so what may
// hold one goes as JSON text. Contents of documents are sent there, but not back: this thread has them.
import type {
  BedrockMessage,
  BedrockRequest,
  ConverseCall,
  InvokeModelCall,
} from '../connector/bedrock-request.ts'
import type { Bound } from '../connector/bind-request.ts'
import {
  type DocumentContent,
  type DocumentNeed,
  DocumentSupply,
  type Supplied,
} from '../connector/documents/document-supply.ts'
import { type JsonValue, parseJson, stringifyJson } from '../job/json.ts'

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

type Block = ConverseCall['prompt'][number]['content'][number]

/** In place of the bytes of a supplied content, a block holds the key of the content. */
type BlockCopy =
  | Block
  | (Omit<Exclude<Block, { readonly kind: 'text' }>, 'bytes'> & { readonly bytesOf: string })

/** `messages`, which begin the result, as JSON text. */
interface ConverseCopy extends Omit<ConverseCall, 'messages' | 'prompt'> {
  readonly messages: string
  readonly prompt: readonly { readonly role: string | null; readonly content: readonly BlockCopy[] }[]
}

export type BoundCopy =
  | Extract<Bound, { readonly ok: false }>
  | {
      readonly ok: true
      readonly request: Omit<BedrockRequest, 'call'> & { readonly call: InvokeModelCall | ConverseCopy }
    }

/** @param supplied - what the request was bound with. */
export function copyBound(bound: Bound, { contents }: SupplyCopy): BoundCopy {
  if (!bound.ok) return bound
  const { call, ...request } = bound.request
  if (call.action === 'invokeModel') return { ok: true, request: { ...request, call } }
  const keys = new Map<Uint8Array, string>()
  for (const [key, content] of contents) if (content.ok) keys.set(content.value.bytes, key)
  const copyBlock = (block: Block): BlockCopy => {
    if (block.kind === 'text') return block
    const { bytes, ...others } = block
    const bytesOf = keys.get(bytes)
    return bytesOf === undefined ? block : { ...others, bytesOf }
  }
  const prompt = call.prompt.map(({ role, content }) => ({ role, content: content.map(copyBlock) }))
  const messages = stringifyJson(call.messages as unknown as JsonValue)
  return { ok: true, request: { ...request, call: { ...call, messages, prompt } } }
}

/** @param supplied - the same as for {@link copyBound}. */
export function readBound(copy: BoundCopy, { contents }: SupplyCopy): Bound {
  if (!copy.ok) return copy
  const { call, ...request } = copy.request
  if (call.action === 'invokeModel') return { ok: true, request: { ...request, call } }
  const held = new Map(contents)
  const readBlock = (block: BlockCopy): Block => {
    if (!('bytesOf' in block)) return block
    const { bytesOf, ...others } = block
    const content = held.get(bytesOf)
    if (content?.ok !== true) throw new Error('A block has the content of a document that was not supplied')
    return { ...others, bytes: content.value.bytes } as Block
  }
  const prompt = call.prompt.map(({ role, content }) => ({ role, content: content.map(readBlock) }))
  const messages = parseJson(call.messages) as unknown as readonly BedrockMessage[]
  return { ok: true, request: { ...request, call: { ...call, messages, prompt } } }
}
