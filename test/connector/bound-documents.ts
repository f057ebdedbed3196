import { type BindOptions, type Bound, bindRequest } from '../../src/connector/bind-request.ts'
import {
  type DocumentContent,
  type DocumentNeed,
  DocumentSupply,
  NeedsDocument,
  type Supplied,
} from '../../src/connector/documents/document-supply.ts'
import { evaluate } from '../../src/feel/evaluate.ts'

export const base = {
  authentication: { type: 'credentials', accessKey: 'AKIA', secretKey: 'secret' },
  configuration: { region: 'eu-west-1' },
}
export const CAMUNDA = {
  'camunda.document.type': 'camunda',
  storeId: 's',
  documentId: 'd',
  contentHash: 'h',
  metadata: { contentType: 'text/plain', fileName: 'a.txt', size: 3 },
}
export const EXTERNAL = {
  'camunda.document.type': 'external',
  url: 'https://example.com/a.pdf',
  name: 'a.pdf',
}

interface Outside {
  readonly content?: string | Supplied<DocumentContent>
  readonly options?: Partial<BindOptions>
}

/** Binds with every document available; returns what was asked for on the way. */
export function bind(variables: object, { content = 'DOC', options = {} }: Outside = {}) {
  const supply = new DocumentSupply()
  const needs: DocumentNeed[] = []
  const bound = bindAll(
    JSON.stringify(variables),
    supply,
    (need) => {
      needs.push(need)
      if (need.kind === 'content') {
        const bytes = Buffer.from(typeof content === 'string' ? content : '')
        const value = { bytes, fileName: 'from-header.pdf', contentType: 'application/pdf' }
        supply.addContent(need.reference, typeof content === 'string' ? { ok: true, value } : content)
      } else if (need.kind === 'link') {
        supply.addValue(need, { ok: true, value: `link of ${need.timeToLiveMs}` })
      } else {
        const result = evaluate(need.expression, need.context)
        const error = { type: 'java.lang.RuntimeException', message: 'no', input: false }
        supply.addValue(need, result.ok ? result : { ok: false, error })
      }
    },
    options,
  )
  return { bound, needs }
}

export function bindAll(
  variables: string,
  supply: DocumentSupply,
  fulfil: (need: DocumentNeed) => void,
  options: Partial<BindOptions>,
): Bound {
  for (;;) {
    try {
      return bindRequest(variables, { compatibility: '8.9', ...options, supply })
    } catch (error) {
      if (!(error instanceof NeedsDocument)) throw error
      for (const need of error.needs) fulfil(need)
    }
  }
}

export const converse = (data: object) => ({
  ...base,
  action: 'converse',
  data: { modelId: 'm', newMessage: 'hi', ...data },
})
export const invoke = (payload: unknown) => ({
  ...base,
  action: 'invokeModel',
  data: { modelId: 'm', payload },
})

interface SentBlock {
  readonly text?: string
  readonly image?: { readonly format: string; readonly source: { readonly bytes: string } }
  readonly document?: {
    readonly format: string
    readonly name: string
    readonly source: { readonly bytes: string }
  }
}

/** The messages in the body of a Converse request. */
export function sentMessages(body: string): readonly { readonly content: readonly SentBlock[] }[] {
  return JSON.parse(body).messages
}

export function blocks(data: object, outside: Outside = {}): unknown {
  const { bound } = bind(converse(data), outside)
  if (!bound.ok) return `${bound.error.type.replace(/^.*\./, '')}: ${bound.error.message}`
  if (bound.request.call.action !== 'converse') throw new Error('not Converse')
  return sentMessages(bound.request.call.body)
    .at(-1)
    ?.content.slice(0, -1)
    .map(({ text, image, document }) => {
      if (text !== undefined) return text
      const content = Buffer.from(image?.source.bytes ?? document?.source.bytes ?? '', 'base64').toString()
      return image === undefined
        ? `${document?.name}|${document?.format}|${content}`
        : `image ${image.format} ${content}`
    })
}

export function body(payload: unknown, outside: Outside = {}): unknown {
  const { bound } = bind(invoke(payload), outside)
  if (!bound.ok) return `${bound.error.type.replace(/^.*\./, '')}: ${bound.error.message}`
  return bound.request.call.action === 'invokeModel' ? JSON.parse(String(bound.request.call.body)) : null
}

export function camunda(metadata: object | null): object {
  return { ...CAMUNDA, metadata }
}

export const call = (name: string, ...params: unknown[]) => ({ 'camunda.function.type': name, params })
