// What of an answer becomes a document, and what of it stays a variable.
import { describe, expect, it } from 'vitest'
import { type CallOptions, STOCK_OPTIONS } from '../../src/bedrock/call-options.ts'
import type { NewDocument } from '../../src/connector/created-documents.ts'
import { executionOutcome } from '../../src/connector/execution-outcome.ts'
import type { ConnectorResponse } from '../../src/connector/invoke-result.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { JsonObject, JsonValue } from '../../src/job/json.ts'
import type { Headers } from '../../src/job/task-headers.ts'

const LARGE = 'x'.repeat(1_600_000)
const reference = (id: number) => ({ 'camunda.document.type': 'camunda', documentId: `d${id}` })

interface Given {
  readonly answerDocument: CallOptions['answerDocument']
  readonly headers?: Headers
  readonly fails?: string
  readonly compatibility?: '8.8' | '8.9'
}

async function outcomeOf(result: ConnectorResponse, given: Given) {
  const { answerDocument, headers = { resultVariable: 'a' }, fails, compatibility = '8.9' } = given
  const stored: NewDocument[] = []
  const { outcome } = await executionOutcome(result, {
    retries: 3,
    headers,
    compatibility,
    options: { ...STOCK_OPTIONS, answerDocument },
    evaluate: async (expression: string, variables: JsonObject) => evaluate(expression, variables),
    mask: (text) => text,
    async storeDocument(document) {
      if (fails !== undefined) throw new Error(fails)
      stored.push(document)
      return reference(stored.length)
    },
  })
  return { outcome, stored, variables: JSON.parse(outcome.variables) }
}

const ok = (response: JsonValue): ConnectorResponse => ({ ok: true, response })
const png: ConnectorResponse = {
  ok: true,
  response: { body: null, contentType: 'image/png' },
  file: { bytes: Uint8Array.of(137, 80, 78, 71), contentType: 'image/png' },
}

describe('an answer that is not JSON', () => {
  it('becomes a document with its type, in place of the body', async () => {
    const { variables, stored } = await outcomeOf(png, { answerDocument: 'large' })
    expect(variables).toEqual({ a: { body: reference(1), contentType: 'image/png' } })
    const content = Buffer.from([137, 80, 78, 71])
    expect(stored).toEqual([{ content, fileName: 'answer.png', contentType: 'image/png' }])
  })

  it('that cannot be stored ends the job without another call, and says that the call was paid', async () => {
    const { outcome } = await outcomeOf(png, { answerDocument: 'large', fails: 'the store is full' })
    expect(outcome).toMatchObject({ kind: 'failed', retries: 0 })
    expect(outcome).toHaveProperty('errorMessage', expect.stringMatching(/paid.*: the store is full/))
  })
})

describe('a result that is too large for variables', () => {
  const invoked = ok({ body: { text: LARGE }, requestId: 'r' })

  it('has its body in a document of JSON', async () => {
    const { variables, stored } = await outcomeOf(invoked, { answerDocument: 'large' })
    expect(variables).toEqual({ a: { body: reference(1), requestId: 'r' } })
    expect(JSON.parse(String(stored[0]?.content))).toEqual({ text: LARGE })
  })

  it('stays as it is if what the result expression takes of it fits', async () => {
    const headers = { resultExpression: '={length: string length(response.body.text)}' }
    const { variables, stored } = await outcomeOf(invoked, { answerDocument: 'large', headers })
    expect(variables).toEqual({ length: LARGE.length })
    expect(stored).toEqual([])
  })

  it('of Converse is in a document as a whole, beside its smaller parts', async () => {
    const message = { role: 'assistant', content: [{ text: LARGE }] }
    const details = {
      messages: [message],
      message,
      text: LARGE,
      toolCalls: [{ q: 1 }],
      stopReason: 'end_turn',
    }
    const { variables, stored } = await outcomeOf(ok(details), { answerDocument: 'large' })
    expect(variables).toEqual({
      a: { document: reference(1), toolCalls: [{ q: 1 }], stopReason: 'end_turn' },
    })
    expect(JSON.parse(String(stored[0]?.content))).toEqual(details)
    const heavy = { ...details, json: { text: LARGE } }
    expect((await outcomeOf(ok(heavy), { answerDocument: 'large' })).variables).toEqual({
      a: { document: reference(1), stopReason: 'end_turn' },
    })
  })

  it('is refused if the task does not ask for a document, as the stock connector does', async () => {
    const { outcome, stored } = await outcomeOf(invoked, { answerDocument: 'never' })
    expect(outcome).toMatchObject({ kind: 'failed', errorMessage: expect.stringContaining('1.5 MB') })
    expect(stored).toEqual([])
  })

  it.each(['8.8', '8.9'] as const)('is never sent if it still does not fit: %s', async (compatibility) => {
    const headers = { resultExpression: `={big: "${LARGE}"}` }
    const given = { answerDocument: 'large', headers, compatibility } as const
    expect((await outcomeOf(ok({ body: 1 }), given)).outcome).toMatchObject({
      kind: 'failed',
      errorMessage: expect.stringContaining('1.5 MB'),
    })
  })
})

describe('a small result', () => {
  it('becomes a document only if the task always wants one', async () => {
    const small = ok({ body: { a: 1 } })
    expect((await outcomeOf(small, { answerDocument: 'large' })).variables).toEqual({ a: { body: { a: 1 } } })
    expect((await outcomeOf(small, { answerDocument: 'always' })).variables).toEqual({
      a: { body: reference(1) },
    })
    expect((await outcomeOf(ok([{ role: 'user' }]), { answerDocument: 'always' })).variables).toEqual({
      a: { document: reference(1) },
    })
  })

  it('of Converse has references in place of the bytes of images, each stored once', async () => {
    const image = { image: { format: 'png', source: { bytes: 'QUJD' } } }
    const video = { video: { format: 'three_gp', source: { bytes: 'REVG' } } }
    const message = { role: 'assistant', content: [image, { text: 'b' }, video] }
    const details = { messages: [message], message, stopReason: 'end_turn' }
    const { variables, stored } = await outcomeOf(ok(details), { answerDocument: 'large' })
    expect(stored.map(({ content, fileName }) => [String(content), fileName])).toEqual([
      ['ABC', 'image.png'],
      ['DEF', 'video.3gp'],
    ])
    const content = [
      { image: { format: 'png', source: { bytes: reference(1) } } },
      { text: 'b' },
      { video: { format: 'three_gp', source: { bytes: reference(2) } } },
    ]
    const withReferences = { role: 'assistant', content }
    expect(variables).toEqual({
      a: { messages: [withReferences], message: withReferences, stopReason: 'end_turn' },
    })
    expect((await outcomeOf(ok(details), { answerDocument: 'never' })).stored).toEqual([])
  })

  it('keeps the arguments of tools, whatever they look like', async () => {
    const input = { file: { source: { bytes: 'QUJD' } } }
    const message = { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: 'n', input } }] }
    const details = { messages: [message], message, toolCalls: [{ ...input, _meta: { id: 't' } }] }
    const { variables, stored } = await outcomeOf(ok(details), { answerDocument: 'large' })
    expect(variables).toEqual({ a: details })
    expect(stored).toEqual([])
  })
})
