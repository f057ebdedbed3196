// How a JSON schema is sent, which answers satisfy it, and what a hostile one does.
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { makeAside } from '../../src/aside/aside.ts'
import { answerJson, answerSchema, failedAnswer, withRepairs } from '../../src/bedrock/answer-schema.ts'
import { makeSchemaCheck } from '../../src/bedrock/schema-check.ts'
import { isCompilable, takesSchema } from '../../src/bedrock/schema-models.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { type JsonObject, parseJson } from '../../src/job/json.ts'

const CLAUDE = 'eu.anthropic.claude-sonnet-4-6'
const TOTAL = {
  type: 'object',
  properties: { total: { type: 'number' } },
  required: ['total'],
  additionalProperties: false,
}
const OPEN = { ...TOTAL, additionalProperties: true }

function bodyOf(modelId: string, data: object): JsonObject {
  const task = {
    authentication: { type: 'defaultCredentialsChain' },
    configuration: { region: 'eu-west-1' },
    action: 'converse',
    data: { modelId, newMessage: 'Hi', ...data },
  }
  const bound = bindRequest(JSON.stringify(task), { compatibility: '8.9' })
  if (!bound.ok) return { error: bound.error.message }
  return parseJson(String(bound.request.call.body)) as JsonObject
}

describe('a schema is sent', () => {
  it('as outputConfig to a model that takes it, also when it comes as JSON text', () => {
    const textFormat = {
      type: 'json_schema',
      structure: { jsonSchema: { schema: JSON.stringify(TOTAL), name: 'sum' } },
    }
    for (const schema of [TOTAL, JSON.stringify(TOTAL)]) {
      const body = bodyOf(CLAUDE, { schema, schemaName: 'sum', outputConfig: { effort: 'low' } })
      expect(body).toMatchObject({ outputConfig: { effort: 'low', textFormat } })
      expect(body['system']).toBeUndefined()
    }
  })

  it.each([
    ['a model that does not take it', 'amazon.nova-lite-v1:0', { schema: TOTAL }],
    ['a schema that Bedrock does not compile', CLAUDE, { schema: OPEN }],
    ['a task that asks for it', CLAUDE, { schema: TOTAL, schemaSent: 'prompt' }],
  ])('in the system prompt, before its cache point, for %s', (_for, model, data) => {
    const body = bodyOf(model, { ...data, system: 'Be brief.', cachePoints: ['system'] })
    expect(body['outputConfig']).toBeUndefined()
    expect(body['system']).toEqual([
      { text: 'Be brief.' },
      { text: expect.stringContaining(JSON.stringify(data.schema)) },
      { cachePoint: { type: 'default' } },
    ])
  })

  it('never beside a format that the task sets itself, and not to a managed prompt', () => {
    const textFormat = { type: 'json_schema', structure: { jsonSchema: { schema: '{}' } } }
    expect(bodyOf(CLAUDE, { schema: TOTAL, outputConfig: { textFormat } })['outputConfig']).toEqual({
      textFormat,
    })
    const prompt = 'arn:aws:bedrock:eu-west-1:111122223333:prompt/ABCDEFGHIJ:1'
    expect(Object.keys(bodyOf(prompt, { schema: TOTAL }))).toEqual(['messages'])
  })

  it.each([
    [{ schema: 'no JSON' }, 'data.schema: must be a JSON schema'],
    [{ schema: '[]' }, 'data.schema: must be a JSON schema'],
    [{ schema: { const: 'x'.repeat(70_000) } }, 'data.schema: has 70012 characters'],
    [{ schema: { pattern: 'x'.repeat(501) } }, 'data.schema: has a pattern of more than 500'],
    [{ schema: { patternProperties: { ['x'.repeat(501)]: {} } } }, 'data.schema: has a pattern'],
    [{ schema: nested(60) }, 'data.schema: is nested more than 50 levels deep'],
    [{ schema: TOTAL, repairTurns: 6 }, 'data.repairTurns: must be a whole number from 0 to 5'],
    [{ schema: TOTAL, schemaSent: 'x' }, 'data.schemaSent: must be one of outputConfig, prompt'],
  ])('unless it is wrong: %#', (data, message) => {
    expect(bodyOf(CLAUDE, data)).toEqual({ error: expect.stringContaining(message) })
  })
})

function nested(depth: number): object {
  return depth === 0 ? {} : { not: nested(depth - 1) }
}

it.each([
  ['anthropic.claude-haiku-4-5-20251001-v1:0', true],
  ['us.anthropic.claude-opus-5', true],
  ['arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6', true],
  ['openai.gpt-oss-120b-1:0', true],
  ['anthropic.claude-3-5-sonnet-20240620-v1:0', false],
  ['anthropic.claude-sonnet-4-20250514-v1:0', false],
  ['amazon.nova-pro-v1:0', false],
])('%s takes schemas: %s', (model, takes) => {
  expect(takesSchema(model)).toBe(takes)
})

describe('Bedrock compiles', () => {
  const items = { $defs: { line: TOTAL }, type: 'array', items: { $ref: '#/$defs/line' } }
  it.each([
    ['closed objects', TOTAL, true],
    ['definitions', items, true],
    ['choices', { anyOf: [TOTAL, { type: 'null' }] }, true],
    ['no open objects', OPEN, false],
    ['no limits', { type: 'number', minimum: 0 }, false],
    ['a property with the name of a limit', { ...TOTAL, properties: { minimum: { type: 'number' } } }, true],
    ['no recursion', { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' }, false],
    ['no references elsewhere', { $ref: 'https://example.com/schema' }, false],
  ])('%s', (_what, schema, does) => {
    expect(isCompilable(schema as unknown as JsonObject)).toBe(does)
  })

  it('is decided in linear time for definitions that double at each step', () => {
    expect(isCompilable(doubling(60) as unknown as JsonObject)).toBe(true)
  })
})

/** Each definition refers to the next one twice: 2^steps checks. */
function doubling(steps: number): object {
  const names = Array.from({ length: steps }, (_, index) => `d${index}`)
  const $defs = Object.fromEntries(
    names.map((name, index) => {
      const $ref = `#/$defs/d${index + 1}`
      return [name, { allOf: [{ $ref }, { $ref }] }]
    }),
  )
  return { $defs: { ...$defs, [`d${steps}`]: { type: 'string' } }, $ref: '#/$defs/d0' }
}

describe('an answer', () => {
  const check = makeSchemaCheck()
  const schema = JSON.stringify(TOTAL)

  it('is checked by its schema, and its violations have paths and keywords', () => {
    expect(check.violations(schema, '{"total": 1}')).toEqual([])
    expect(check.violations(schema, '{"total": "secret answer", "more": 1}')).toEqual([
      { path: '', keyword: 'additionalProperties', message: 'must NOT have additional properties' },
      { path: '/total', keyword: 'type', message: 'must be number' },
    ])
    expect(check.violations(schema, 'Sure! {"total": 1}')).toMatchObject([{ path: '', keyword: 'json' }])
  })

  it('of thousands of wrong items has twenty violations', () => {
    const list = JSON.stringify({ type: 'array', items: { type: 'string' } })
    expect(check.violations(list, JSON.stringify(Array.from({ length: 5_000 }, () => 1)))).toHaveLength(20)
  })

  it('is found in its texts, with and without a code fence', () => {
    const of = (...texts: string[]) => answerJson({ content: texts.map((text) => ({ text })) })
    expect(of(' {"a":', '1} ')).toBe('{"a":1}')
    expect(of('```json\n{"a":1}\n```')).toBe('{"a":1}')
    expect(of('```\n[1]\n```')).toBe('[1]')
    expect(answerJson({ content: [{ reasoningContent: {} }, { text: '2' }] })).toBe('2')
  })

  it('that failed is sent back whole, followed by what is wrong with it', () => {
    const message = { role: 'assistant', content: [{ text: '{"total":12345678901234567890}' }] }
    const failed = failedAnswer(message, [{ path: '/total', keyword: 'maximum', message: 'must be <= 9' }])
    if (failed === null) throw new Error('It has content')
    const body = withRepairs('{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"x":1.10}', [failed])
    expect(body).toContain('"x":1.10')
    expect(JSON.parse(body).messages.slice(1)).toEqual([
      message,
      { role: 'user', content: [{ text: expect.stringContaining('- /total: must be <= 9') }] },
    ])
  })

  it('without content is not sent back: Bedrock would refuse it', () => {
    expect(failedAnswer({ role: 'assistant', content: [] }, [])).toBeNull()
  })
})

describe('a schema', () => {
  const check = makeSchemaCheck()
  it.each([
    [{ type: 'nothing' }, 'schema is invalid'],
    [{ $ref: 'https://example.com/schema.json' }, "can't resolve reference"],
    [{ $ref: '#/$defs/none' }, "can't resolve reference"],
    [{ pattern: '(' }, 'Invalid regular expression'],
    [{ $async: true, type: 'object' }, 'asynchronous'],
  ])('that cannot be used is refused: %#', (schema, why) => {
    expect(check.fault(JSON.stringify(schema))).toContain(why)
  })

  it('of an older draft, and with the same id as another, can be used', () => {
    const $id = 'https://example.com/schema'
    expect(
      check.fault(JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', $id })),
    ).toBeNull()
    expect(check.fault(JSON.stringify({ $id, type: 'string' }))).toBeNull()
    expect(check.violations(JSON.stringify({ $id, type: 'string' }), '1')).toHaveLength(1)
  })

  it('of any shape is either refused or used, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (schema, answer) => {
        const text = JSON.stringify(schema)
        try {
          answerSchema({ schema: text }, CLAUDE)
        } catch {
          return
        }
        if (check.fault(text) === null) check.violations(text, JSON.stringify(answer))
      }),
    )
  })
})

describe('a hostile schema ends with its check, and the next one is checked', () => {
  const aside = makeAside({ largeUnits: 0, longestMs: 2_000, limits: { maxOldGenerationSizeMb: 128 } })
  afterAll(() => aside.close())
  const about = { units: 1, owner: { tenantId: 't', bpmnProcessId: 'p' } }

  it.each([
    ['a pattern that backtracks', { pattern: '^(a+)+$' }, JSON.stringify(`${'a'.repeat(40)}!`)],
    ['definitions that double at each step', doubling(40), '"x"'],
  ])('%s', async (_what, schema, answer) => {
    await expect(aside.run('schemaViolations', about, JSON.stringify(schema), answer)).rejects.toThrow(
      'ended',
    )
    expect(await aside.run('schemaViolations', about, JSON.stringify(TOTAL), '{"total":1}')).toEqual([])
  })
})
