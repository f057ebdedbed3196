// Texts are those of runtime 8.8.7's own classes and of Jackson bound to them.
import { describe, expect, test } from 'vitest'
import { withRescuedDocuments } from '../../src/connector/documents/rescue-documents.ts'
import { unwritableResult } from '../../src/connector/documents/unwritable-result.ts'
import { utcDateTime } from '../../src/connector/documents/utc-date-time.ts'
import { bind, blocks, body, CAMUNDA, call, camunda, converse, EXTERNAL, invoke } from './bound-documents.ts'

describe('a document in a Converse message', () => {
  test.each([
    ['from Camunda', CAMUNDA, ['a|txt|DOC']],
    ['by URL', EXTERNAL, ['a|pdf|DOC']],
    [
      'by URL, named by the server',
      { 'camunda.document.type': 'external', url: 'http://x' },
      ['from-header|pdf|DOC'],
    ],
    ['inline', { 'camunda.document.type': 'inline', content: 'a,b', name: 'a.csv' }, ['a|csv|a,b']],
    [
      'inline JSON',
      { 'camunda.document.type': 'inline', content: { a: [1, 1.5] }, name: 'a.md' },
      ['a|md|{"a":[1,1.5]}'],
    ],
    ['in a list of one', [CAMUNDA], ['a|txt|DOC']],
  ])('%s goes before the text', (_, document, expected) => {
    expect(blocks({ newDocuments: [document] })).toEqual(expected)
  })

  test('alone is a list of one', () => {
    expect(blocks({ newDocuments: CAMUNDA })).toEqual(['a|txt|DOC'])
  })

  test('is fetched once, however often it is referred to', () => {
    const { needs } = bind(converse({ newDocuments: [CAMUNDA, EXTERNAL, CAMUNDA] }))
    expect(needs.map(({ kind }) => kind)).toEqual(['content', 'content'])
  })

  test('is fetched in order, and not behind one that cannot be used', () => {
    const { needs, bound } = bind(converse({ newDocuments: [EXTERNAL, camunda(null), CAMUNDA] }))
    expect(needs).toHaveLength(1)
    expect(bound.ok).toBe(false)
  })

  test('comes back as its reference, its metadata without empty fields', () => {
    const document = camunda({
      fileName: 'a.txt',
      contentType: 'text/plain',
      size: '3',
      customProperties: {},
      processDefinitionId: '',
      processInstanceKey: 2251799813685249,
      expiresAt: '2026-01-01T00:00:00.500+02:00',
    })
    const { bound } = bind(converse({ newDocuments: [{ ...document, extra: 1 }] }))
    const [message] = bound.ok && bound.request.call.action === 'converse' ? bound.request.call.messages : []
    expect(JSON.stringify(message?.['contentList'])).toBe(
      '[{"document":{"storeId":"s","documentId":"d","contentHash":"h","metadata":{"contentType":"text/plain","expiresAt":"2025-12-31T22:00:00.5Z","size":3,"fileName":"a.txt","processInstanceKey":2251799813685249},"camunda.document.type":"camunda"}},{"text":"hi"}]',
    )
  })

  test('in a history is ignored if there is a text beside it', () => {
    const messagesHistory = [{ role: 'user', contentList: [{ text: 't', document: CAMUNDA }] }]
    const { bound, needs } = bind(converse({ messagesHistory }))
    expect(needs).toEqual([])
    const [message] = bound.ok && bound.request.call.action === 'converse' ? bound.request.call.messages : []
    expect(Object.keys((message?.['contentList'] as readonly object[] | undefined)?.[0] ?? {})).toEqual([
      'text',
      'document',
    ])
  })

  test.each([
    [camunda({ fileName: 'a.zip' }), 'IllegalArgumentException: Unsupported document type: a'],
    [camunda({ fileName: 'a', contentType: 'x' }), 'RuntimeException: Unsupported document content type: x'],
    [camunda({ fileName: 'a' }), 'RuntimeException: Unsupported document content type: null'],
    [
      camunda({ fileName: 'a', contentType: 'application/trgx' }),
      'IllegalArgumentException: Unsupported document type: a',
    ],
    [
      camunda(null),
      'NullPointerException: Cannot invoke "io.camunda.connector.api.document.DocumentMetadata.getFileName()" because the return value of "io.camunda.connector.api.document.Document.metadata()" is null',
    ],
    [
      { 'camunda.document.type': 'other' },
      'NullPointerException: Cannot invoke "String.isEmpty()" because "str" is null',
    ],
    [
      { 'camunda.document.type': 'inline', name: 'a.txt' },
      'ConnectorInputException: Inline document content must not be null',
    ],
    [
      { 'camunda.document.type': 'inline', content: 'x', name: 'a', contentType: ' ' },
      'IllegalArgumentException: Unsupported document type: a',
    ],
    [
      'x',
      'ConnectorInputException: Unsupported node format, expected either a document reference or an operation, got: "x"',
    ],
    [
      [CAMUNDA, CAMUNDA],
      'ConnectorInputException: Cant bind a multi element document array to a single document.',
    ],
    [
      call('base64', 'hello'),
      'ConnectorInputException: Unsupported operation result, expected a document, got: aGVsbG8=',
    ],
    [
      call('getText', CAMUNDA),
      'ConnectorInputException: Unsupported operation result, expected a document, got: a value made from the content of a document',
    ],
  ])('%j cannot be sent', (document, message) => {
    expect(blocks({ newDocuments: [document] })).toBe(message)
  })

  test('that could not be fetched keeps the error', () => {
    const error = { type: 'java.lang.RuntimeException', message: 'away', input: false }
    expect(blocks({ newDocuments: [CAMUNDA] }, { content: { ok: false, error } })).toBe(
      'RuntimeException: away',
    )
  })

  test('inline is unknown to 8.8', () => {
    const document = { 'camunda.document.type': 'inline', content: 'x', name: 'a.txt' }
    expect(blocks({ newDocuments: [document] }, { options: { compatibility: '8.8' } })).toMatch(
      /^NullPointer/,
    )
  })
})

describe('improvements', () => {
  const named = (...names: string[]) =>
    names.map((fileName) => camunda({ fileName, contentType: 'image/jpeg; q=1' }))
  test('are all on, except in 8.8', () => {
    const newDocuments = named('my_report.v2.PDF', 'my-report-v2.pdf', 'p.jpg', 'a.HTM', 'scan')
    expect(blocks({ newDocuments })).toEqual([
      'my-report-v2|pdf|DOC',
      'my-report-v2 (2)|pdf|DOC',
      'image jpeg DOC',
      'a|html|DOC',
      'image jpeg DOC',
    ])
    const strict = { options: { compatibility: '8.8' } } as const
    expect(blocks({ newDocuments: named('my_report.v2.pdf', 'my_report.v2.pdf') }, strict)).toEqual([
      'my_report.v2|pdf|DOC',
      'my_report.v2|pdf|DOC',
    ])
    expect(blocks({ newDocuments: named('a.PDF') }, strict)).toMatch('Unsupported document type: a')
    expect(blocks({ newDocuments: named('a.jpg') }, strict)).toMatch('Unsupported document type: a')
  })

  const off = { typeAliases: false, anyTypeCase: false, sanitizeNames: false, uniqueNames: false }
  test.each([
    ['typeAliases', 'p.jpg', 'image jpeg DOC'],
    ['anyTypeCase', 'p.PNG', 'image png DOC'],
    ['sanitizeNames', 'a_b.txt', 'a-b|txt|DOC'],
    ['uniqueNames', 'a_b.txt', 'a_b|txt|DOC'],
  ])('%s can be turned on alone', (name, fileName, expected) => {
    const documentRules = { ...off, [name]: true }
    const options = { compatibility: '8.8', documentRules } as const
    expect(blocks({ newDocuments: named(fileName) }, { options })).toEqual([expected])
  })
})

describe('a document outside of a message', () => {
  test('is base64 where a text is wanted', () => {
    const { bound } = bind(converse({ newMessage: CAMUNDA }))
    expect(bound.ok && bound.request.call.action === 'converse' && bound.request.call.messages).toEqual([
      { role: 'user', contentList: [{ text: 'RE9D' }] },
    ])
  })

  test('that cannot be fetched for a text is an input error', () => {
    const error = { type: 'java.lang.RuntimeException', message: 'away', input: false }
    const { bound } = bind(converse({ newMessage: CAMUNDA }), { content: { ok: false, error } })
    expect(bound).toEqual({
      ok: false,
      error: { type: 'io.camunda.connector.api.error.ConnectorInputException', message: 'away', input: true },
    })
  })

  const invalid = 'Json object contains an invalid field: newMessage'
  const MAP = 'java.util.LinkedHashMap<java.lang.String,java.lang.Object>'
  test.each([
    [{ size: 'x' }, `${invalid}, metadata, size. It Must be \`Long\``],
    [
      { size: 1e30 },
      'Numeric value (1.0E30) out of range of long (-9223372036854775808 - 9223372036854775807)',
    ],
    [
      { size: true },
      'Cannot deserialize value of type `java.lang.Long` from Boolean value (token `JsonToken.VALUE_TRUE`)',
    ],
    [{ expiresAt: 'x' }, `${invalid}, metadata, expiresAt. It Must be \`OffsetDateTime\``],
    [{ customProperties: '' }, `${invalid}, metadata, customProperties. It Must be \`LinkedHashMap\``],
    [
      { customProperties: 'x' },
      "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator exists): no String-argument constructor/factory method to deserialize from String value ('x')",
    ],
    [
      { customProperties: 5 },
      `Cannot deserialize value of type \`${MAP}\` from Integer value (token \`JsonToken.VALUE_NUMBER_INT\`)`,
    ],
    [
      { customProperties: [] },
      `Cannot deserialize value of type \`${MAP}\` from Array value (token \`JsonToken.START_ARRAY\`)`,
    ],
    ['', `${invalid}, metadata. It Must be \`CamundaDocumentMetadataModel\``],
  ])('with the metadata %j fails as in the runtime', (metadata, message) => {
    const { bound } = bind(converse({ newMessage: { ...CAMUNDA, metadata } }))
    expect(!bound.ok && bound.error.message).toBe(message)
  })

  test('of an unknown kind names the path to it', () => {
    const { bound } = bind(converse({ newMessage: { 'camunda.document.type': 'other' } }))
    expect(!bound.ok && bound.error.message).toBe(invalid)
  })

  test('is an empty object in a payload, and not fetched', () => {
    const { needs } = bind(invoke({ d: [CAMUNDA] }))
    expect(needs).toEqual([])
    expect(body({ d: [CAMUNDA, { e: EXTERNAL }] })).toEqual({ d: [{}, { e: {} }] })
  })
})

describe('documents that an engine lost', () => {
  const PREFIX = 'data_newDocuments'
  test.each([
    ['single', { single_documentSource: 'camunda', single_camundaReference: CAMUNDA }, [CAMUNDA]],
    [
      'single',
      { single_documentSource: 'inline', single_inline_content: 'x', single_inline_fileName: 'a.txt' },
      [{ 'camunda.document.type': 'inline', content: 'x', name: 'a.txt', contentType: null }],
    ],
    [
      'single',
      { single_documentSource: 'external', single_external_url: 'http://x' },
      [{ 'camunda.document.type': 'external', url: 'http://x', name: null }],
    ],
    ['multiple', { multiple_expression: [CAMUNDA, EXTERNAL] }, [CAMUNDA, EXTERNAL]],
    ['none', { single_camundaReference: CAMUNDA }, undefined],
  ])('are made again from the fields of mode %s', (mode, fields, expected) => {
    const entries = Object.entries(fields).map(([name, value]) => [`${PREFIX}_${name}`, value])
    const data = { [`${PREFIX}_documentMode`]: mode, ...Object.fromEntries(entries) }
    expect(withRescuedDocuments(data)['newDocuments']).toEqual(expected)
  })

  test('stay lost unless the rescue is on, and are not restored if some are there', () => {
    const fields = {
      newDocuments: null,
      [`${PREFIX}_documentMode`]: 'single',
      [`${PREFIX}_single_camundaReference`]: CAMUNDA,
    }
    expect(blocks(fields)).toEqual([])
    expect(blocks(fields, { options: { rescueDocuments: true } })).toEqual(['a|txt|DOC'])
    expect(blocks({ ...fields, newDocuments: [] }, { options: { rescueDocuments: true } })).toEqual([])
  })
})

test('only 8.8 fails to write an external document into a result variable', () => {
  const { bound } = bind(converse({ newDocuments: [EXTERNAL] }))
  if (!bound.ok) throw new Error(bound.error.message)
  const headers = { resultVariable: 'r' }
  expect(unwritableResult(bound.request.call, headers, '8.9')).toBeNull()
  expect(unwritableResult(bound.request.call, { resultExpression: '={}' }, '8.8')).toBeNull()
  expect(unwritableResult(bound.request.call, headers, '8.8')?.message).toMatch(
    /^Failed to serialize object '\{r=\[(io\S+BedrockMessage@\d+(, )?){2}\]\}' to json$/,
  )
})

test.each([
  ['2026-02-28T23:59:59Z', '2026-02-28T23:59:59Z'],
  ['2026-03-01T00:30+01:00', '2026-02-28T23:30:00Z'],
  ['2026-01-01T00:00:00.123456789-05:30', '2026-01-01T05:30:00.123456789Z'],
  ['2026-02-30T00:00:00Z', null],
  ['2026-01-01T00:00:00', null],
  ['tomorrow', null],
])('the date-time %s is %s in UTC', (text, expected) => {
  expect(utcDateTime(text)).toBe(expected)
})
