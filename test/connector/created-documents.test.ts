import { describe, expect, test } from 'vitest'
import type { NewDocument } from '../../src/connector/created-documents.ts'
import { evaluateMapping } from '../../src/connector/evaluate-mapping.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { JsonObject } from '../../src/job/json.ts'

async function mapped(expression: string, context: JsonObject = {}, fails?: string) {
  const stored: NewDocument[] = []
  const result = await evaluateMapping(
    { kind: 'Result', expression, context, shown: () => [] },
    {
      compatibility: '8.10',
      mask: (text) => text,
      evaluate: async (feel, variables) => evaluate(feel, variables, '8.10'),
      async storeDocument(document) {
        if (fails !== undefined) throw new Error(fails)
        stored.push(document)
        return { 'camunda.document.type': 'camunda', documentId: `d${stored.length}` }
      },
    },
  )
  return { stored, ...result }
}

const reference = (id: string) => ({ 'camunda.document.type': 'camunda', documentId: id })

describe('createDocument', () => {
  test('is replaced by a reference to the document', async () => {
    const { stored, ...result } = await mapped('{a: {files: [createDocument(body)]}, b: 1}', { body: 'RE9D' })
    expect(result).toMatchObject({ ok: true, value: { a: { files: [reference('d1')] }, b: 1 } })
    expect(stored).toEqual([{ content: Buffer.from('DOC'), fileName: null, contentType: null }])
  })

  test.each([
    ['{content: "RE9D", name: "a.txt", contentType: "text/x"}', 'a.txt', 'text/x'],
    ['{data: "RE\\n9D", fileName: "b.txt", name: " "}', 'b.txt', null],
  ])('takes %s', async (value, fileName, contentType) => {
    const { stored } = await mapped(`{f: createDocument(${value})}`)
    expect(stored).toEqual([{ content: Buffer.from('DOC'), fileName, contentType }])
  })

  test.each([
    ['createDocument("RE9D")', 'must stand inside of an object'],
    ['{f: createDocument(null)}', 'without a value'],
    ['{f: createDocument(1)}', 'expects a string or an object'],
    ['{f: createDocument({name: "a"})}', "requires a 'content' or 'data' field"],
    ['{f: createDocument("RE9D"), g: createDocument("no base64!")}', 'not valid base64'],
  ])('refuses %s, and stores nothing', async (expression, message) => {
    const { stored, ...result } = await mapped(expression)
    expect(result).toMatchObject({
      ok: false,
      error: { input: true, message: expect.stringContaining(message) },
    })
    expect(stored).toEqual([])
  })

  test('is not read from a model’s answer', async () => {
    const body = { connectorResultFunction: 'createDocument', value: 'RE9D' }
    expect(await mapped('{f: body}', { body })).toMatchObject({ value: { f: body }, stored: [] })
  })

  test('fails the job when the document cannot be stored', async () => {
    expect(await mapped('{f: createDocument("RE9D")}', {}, 'the store is full')).toMatchObject({
      ok: false,
      error: { input: false, message: 'createDocument() could not store a document: the store is full' },
    })
  })

  test('does not exist before 8.10', async () => {
    expect(evaluate('{f: createDocument("RE9D")}', {}, '8.9')).toEqual({ ok: true, value: { f: null } })
  })
})
