// Inputs of a task that the stock connector has not: what is sent for them, and the errors that name a wrong one.
import { describe, expect, it } from 'vitest'
import { optionsIn, optionVariables } from '../../src/connector/bind-call.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'

const BASE = { authentication: { type: 'defaultCredentialsChain' }, configuration: { region: 'eu-west-1' } }

function bind(action: string, data: object) {
  return bindRequest(JSON.stringify({ ...BASE, action, data }), { compatibility: '8.9' })
}

function callOf(action: string, data: object) {
  const bound = bind(action, data)
  if (!bound.ok) throw new Error(bound.error.message)
  return bound.request.call
}

const bodyOf = (data: object, action = 'converse') =>
  JSON.parse(String(callOf(action, { modelId: 'm', newMessage: 'Hi', ...data }).body))

function errorOf(data: object, action = 'converse'): string {
  const bound = bind(action, { modelId: 'm', newMessage: 'Hi', ...data })
  if (bound.ok) throw new Error('It was bound')
  expect(bound.error.input).toBe(true)
  return bound.error.message
}

const WAV = { 'camunda.document.type': 'inline', content: 'RIFF', name: 'a.wav' }
const PROMPT = 'arn:aws:bedrock:eu-west-1:123456789012:prompt/ABC:1'
const TOOL = { toolSpec: { name: 'weather', inputSchema: { json: { type: 'object' } } } }

describe('a Converse request', () => {
  it.each([
    ['system', 'Be brief.', [{ text: 'Be brief.' }]],
    [
      'system',
      [{ text: 'a' }, { cachePoint: { type: 'default' } }],
      [{ text: 'a' }, { cachePoint: { type: 'default' } }],
    ],
    ['toolConfig', { tools: [TOOL], toolChoice: { any: {} } }, { tools: [TOOL], toolChoice: { any: {} } }],
    [
      'guardrailConfig',
      { guardrailIdentifier: 'g', guardrailVersion: '1' },
      { guardrailIdentifier: 'g', guardrailVersion: '1' },
    ],
    [
      'additionalModelRequestFields',
      { thinking: { budget_tokens: 1024 } },
      { thinking: { budget_tokens: 1024 } },
    ],
    ['additionalModelResponseFieldPaths', ['/a'], ['/a']],
    ['promptVariables', { a: 'x', b: { text: 'y' } }, { a: { text: 'x' }, b: { text: 'y' } }],
    ['performanceConfig', 'optimized', { latency: 'optimized' }],
    ['serviceTier', 'flex', { type: 'flex' }],
    ['outputConfig', { effort: 'low' }, { effort: 'low' }],
  ])('has the input %s under its own name: case %#', (name, value, sent) => {
    expect(bodyOf({ [name]: value })[name]).toEqual(sent)
  })

  it('has stop sequences among its parameters, and fields of a newer Bedrock as the task gives them', () => {
    expect(bodyOf({ stopSequences: ['END'], requestFields: { aNewField: [1] } })).toMatchObject({
      inferenceConfig: { maxTokens: 512, stopSequences: ['END'] },
      aNewField: [1],
    })
  })

  it('has the schema of an answer as text, as Bedrock wants it', () => {
    const jsonSchema = { name: 'a', schema: { type: 'object' } }
    const outputConfig = { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
    const sent = bodyOf({ outputConfig }).outputConfig.textFormat.structure.jsonSchema
    expect(sent).toEqual({ name: 'a', schema: '{"type":"object"}' })
  })

  it('has results of tools first, then documents, content of the task and the text', () => {
    const toolResults = [
      { _meta: { id: 't1', name: 'weather' }, result: { degrees: 20 } },
      { toolUseId: 't2', content: 'none', status: 'error' },
    ]
    const newDocuments = [{ 'camunda.document.type': 'inline', content: 'a', name: 'a.txt' }]
    const data = { toolResults, newDocuments, newContent: [{ guardContent: { text: { text: 'q' } } }] }
    expect(bodyOf(data).messages[0].content).toEqual([
      { toolResult: { toolUseId: 't1', content: [{ json: { degrees: 20 } }] } },
      { toolResult: { toolUseId: 't2', content: [{ text: 'none' }], status: 'error' } },
      { document: { format: 'txt', name: 'a', source: { bytes: 'YQ==' } } },
      { guardContent: { text: { text: 'q' } } },
      { text: 'Hi' },
    ])
    expect(bodyOf({ toolResults, newMessage: '' }).messages[0].content).toHaveLength(2)
  })

  it('takes the format and the name of a block from the document that its bytes refer to', () => {
    const reference = { 'camunda.document.type': 'inline', content: 'a', name: 'My File!.MD' }
    const own = { document: { source: { bytes: reference } } }
    const named = { document: { source: { bytes: reference }, name: 'mine', format: 'txt' } }
    const image = { image: { source: { bytes: { ...reference, name: 'a.jpg' } } } }
    expect(bodyOf({ newContent: [own, named, image] }).messages[0].content.slice(0, 3)).toEqual([
      { document: { format: 'md', name: 'My File-', source: { bytes: 'YQ==' } } },
      { document: { source: { bytes: 'YQ==' }, name: 'mine', format: 'txt' } },
      { image: { format: 'jpeg', source: { bytes: 'YQ==' } } },
    ])
  })

  it('has a cache point behind each part that the task names', () => {
    const point = { cachePoint: { type: 'default', ttl: '1h' } }
    const messagesHistory = [{ role: 'user', contentList: [{ text: 'a' }] }]
    const data = { system: 's', toolConfig: { tools: [TOOL] }, messagesHistory }
    const body = bodyOf({ ...data, cachePoints: ['tools', 'system', 'history', 'message'], cacheTtl: '1h' })
    expect(body.toolConfig.tools.at(-1)).toEqual(point)
    expect(body.system.at(-1)).toEqual(point)
    expect(body.messages.map(({ content }: { content: unknown[] }) => content.at(-1))).toEqual([point, point])
  })

  it('may have the version of its guardrail and the name of its schema as numbers', () => {
    const guardrailConfig = { guardrailIdentifier: 'g', guardrailVersion: 2 }
    const schema = { type: 'object', additionalProperties: false }
    const body = bodyOf({ guardrailConfig, schema, schemaName: 7, schemaSent: 'outputConfig' })
    expect(body.guardrailConfig).toEqual({ guardrailIdentifier: 'g', guardrailVersion: '2' })
    expect(body.outputConfig.textFormat.structure.jsonSchema.name).toBe('7')
  })

  it('numbers documents of one name, also those that are results of tools, unless the task names them', () => {
    const file = { 'camunda.document.type': 'inline', content: 'a', name: 'report.txt' }
    const toolResults = [
      { id: 'a', result: file },
      { id: 'b', result: [file, { text: 'x' }, { document: { name: 'mine', source: { bytes: file } } }] },
    ]
    const sent = JSON.stringify(bodyOf({ toolResults, newContent: [file] }).messages)
    expect([...sent.matchAll(/"name":"([^"]+)"/g)].map(([, name]) => name)).toEqual([
      ...['report', 'report (2)', 'mine', 'report (3)'],
    ])
  })

  it('is as large as the output tokens that its fields allow', () => {
    const size = (data: object) => {
      const bound = bind('converse', { modelId: 'm', newMessage: 'Hi', ...data })
      return bound.ok ? bound.request.size.maxTokens : null
    }
    expect(size({ requestFields: { inferenceConfig: { maxTokens: 64_000 } } })).toBe(64_000)
    expect(size({ maxTokens: 100 })).toBe(100)
    expect(size({ modelId: PROMPT })).toBe(512)
  })

  it('has cache points for a text with commas, as for a list', () => {
    const data = { system: 's', newMessage: 'Hi' }
    const listed = bodyOf({ ...data, cachePoints: ['system', 'message'] })
    expect(bodyOf({ ...data, cachePoints: 'system, message' })).toEqual(listed)
    expect(listed.system.at(-1)).toHaveProperty('cachePoint')
  })

  it('has texts among the content as blocks of text, in the result too', () => {
    const call = callOf('converse', { modelId: 'm', newMessage: '', newContent: ['a', { text: 'b' }] })
    const content = [{ text: 'a' }, { text: 'b' }]
    expect(JSON.parse(String(call.body)).messages).toEqual([{ role: 'user', content }])
    expect(call).toMatchObject({ messages: [{ role: 'user', content }] })
  })

  it('has a text as the content of a message of the history as a block of text', () => {
    const messagesHistory = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: ['b', { text: 'c' }] },
    ]
    expect(bodyOf({ messagesHistory }).messages.slice(0, 2)).toEqual([
      { role: 'user', content: [{ text: 'a' }] },
      { role: 'assistant', content: [{ text: 'b' }, { text: 'c' }] },
    ])
  })

  it('has a document as the result of a tool in the kind of block for its format', () => {
    const file = (name: string) => ({ 'camunda.document.type': 'inline', content: 'a', name })
    const resultOf = (result: unknown) =>
      bodyOf({ toolResults: [{ id: 't', result }] }).messages[0].content[0].toolResult.content
    const source = { bytes: 'YQ==' }
    expect(resultOf(file('a.PNG'))).toEqual([{ image: { format: 'png', source } }])
    expect(resultOf(file('My report.pdf'))).toEqual([
      { document: { format: 'pdf', name: 'My report', source } },
    ])
    expect(resultOf(file('a.mov'))).toEqual([{ video: { format: 'mov', source } }])
    expect(resultOf([file('a.jpg'), { text: 'b' }, file('b.csv')])).toEqual([
      { image: { format: 'jpeg', source } },
      { text: 'b' },
      { document: { format: 'csv', name: 'b', source } },
    ])
    // Within JSON it is a value.
    expect(resultOf({ scan: file('a.png') })).toEqual([{ json: { scan: 'YQ==' } }])
  })

  it('to a prompt of Prompt management has no parameters of its own', () => {
    const body = bodyOf({ modelId: PROMPT, promptVariables: { a: 'x' }, newMessage: '' })
    expect(body).toEqual({ promptVariables: { a: { text: 'x' } } })
  })

  it('is the stock one if inputs of our own are null or blank', () => {
    const stock = callOf('converse', { modelId: 'm', newMessage: 'Hi' })
    expect(
      callOf('converse', {
        modelId: 'm',
        newMessage: 'Hi',
        system: ' ',
        toolConfig: null,
        resultDetails: '',
      }),
    ).toEqual(stock)
  })
})

describe('a wrong value is an error of the input that names the field, before anything is sent', () => {
  it.each([
    [{ system: [{ text: 1 }] }, 'data.system'],
    [{ stopSequences: [''] }, 'data.stopSequences'],
    [{ toolConfig: { tools: [] } }, 'data.toolConfig.tools: must not be empty'],
    [
      { toolConfig: { tools: [{ toolSpec: { name: 'a b', inputSchema: { json: {} } } }] } },
      'data.toolConfig.tools[0].toolSpec.name: must be 1 to 64',
    ],
    [
      { toolConfig: { tools: [{ toolSpec: { name: 'a' } }] } },
      'data.toolConfig.tools[0].toolSpec.inputSchema',
    ],
    [
      { toolConfig: { tools: [TOOL], toolChoice: { any: {}, auto: {} } } },
      'data.toolConfig.toolChoice: must have one member',
    ],
    [{ guardrailConfig: { guardrailIdentifier: 'g' } }, 'data.guardrailConfig.guardrailVersion'],
    [
      { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: 'DRAFT', trace: 'on' } },
      'data.guardrailConfig.trace: must be one of enabled',
    ],
    [{ additionalModelRequestFields: 'x' }, 'data.additionalModelRequestFields: must be an object'],
    [
      { additionalModelResponseFieldPaths: ['a'] },
      'data.additionalModelResponseFieldPaths[0]: must be a JSON pointer',
    ],
    [{ promptVariables: { a: 1 } }, 'data.promptVariables.a'],
    [{ requestMetadata: { ä: 'b' } }, 'data.requestMetadata'],
    [{ performanceConfig: 'fast' }, 'data.performanceConfig: must be one of standard, optimized'],
    [{ serviceTier: 'cheap' }, 'data.serviceTier: must be one of default, flex'],
    [{ outputConfig: { effort: 'huge' } }, 'data.outputConfig.effort: must be one of low'],
    [{ requestFields: [] }, 'data.requestFields: must be an object'],
    [
      { requestFields: { toolConfig: { tools: [] } } },
      'data.requestFields.toolConfig.tools: must not be empty',
    ],
    [
      { system: 'a', requestFields: { system: [{ text: 'b' }] } },
      'data.requestFields: must not have system, which has inputs of its own',
    ],
    [{ cachePoints: ['here'], system: 's' }, 'data.cachePoints: must be a list of'],
    [{ cachePoints: 'here', system: 's' }, 'data.cachePoints: must be a list of'],
    [{ newContent: [1] }, 'data.newContent[0]: must be a content block'],
    [{ newContent: [{}] }, 'data.newContent[0]: must be a content block'],
    [{ newContent: [[{ text: 'a' }]] }, 'data.newContent[0]: must be a content block'],
    [
      { messagesHistory: [{ role: 'user', content: [null] }] },
      'data.messagesHistory[0].content[0]: must be a content block',
    ],
    [{ toolResults: ['a'] }, 'data.toolResults[0]: must be an object'],
    [{ toolResults: [{ id: ' ', result: 1 }] }, 'data.toolResults[0]: must have the id of its call'],
    [{ toolResults: [{ id: 7.5, result: 1 }] }, 'data.toolResults[0]: must have the id of its call'],
    [
      { toolResults: [{ id: 't', result: 1, status: 'broken' }] },
      'data.toolResults[0].status: must be one of success, error',
    ],
    [{ system: [[{ text: 'a' }]] }, 'data.system: must be'],
    [{ stopSequences: ['a', null] }, 'data.stopSequences[1]'],
    [{ additionalModelRequestFields: [] }, 'data.additionalModelRequestFields: must be an object'],
    [
      { modelId: PROMPT, system: 'Be brief.', stopSequences: ['a'] },
      'data.system: cannot be set for a managed prompt, which has its own; data.stopSequences: cannot',
    ],
    [{ modelId: PROMPT, toolConfig: { tools: [TOOL] } }, 'data.toolConfig: cannot be set'],
    [
      { modelId: PROMPT, requestFields: { inferenceConfig: { topP: 1 } } },
      'data.requestFields.inferenceConfig: cannot be set',
    ],
    [
      { modelId: PROMPT, additionalModelRequestFields: { top_k: 1 } },
      'data.additionalModelRequestFields: cannot be set',
    ],
    [{ resultDetails: 'yes' }, 'data.resultDetails: must be true or false'],
    [{ bpmnErrors: [1] }, 'data.bpmnErrors: must be a list of texts'],
    [{ answerDocument: 'maybe' }, 'data.answerDocument: must be one of never, large, always'],
  ])('%j', (data, message) => {
    expect(errorOf(data)).toContain(`Nothing was sent to Bedrock: ${message}`)
  })

  it('of more than four cache points, and of a long-lived one behind a short-lived', () => {
    const point = { cachePoint: { type: 'default' } }
    expect(errorOf({ newContent: [point, point, point, point, point] })).toContain('5 cache points')
    const late = { cachePoint: { type: 'default', ttl: '1h' } }
    expect(errorOf({ system: [{ text: 'a' }, point], newContent: [late] })).toContain(
      '1h stands behind one of 5m',
    )
  })
})

describe('an InvokeModel request', () => {
  it('has its options as headers', () => {
    const options = {
      trace: 'ENABLED',
      guardrailIdentifier: 'g',
      guardrailVersion: '2',
      performanceConfigLatency: 'optimized',
      serviceTier: 'priority',
      accept: 'image/png',
    }
    expect(callOf('invokeModel', { modelId: 'm', payload: { a: 1 }, ...options })).toMatchObject({
      body: '{"a":1}',
      headers: {
        'content-type': 'application/json',
        accept: 'image/png',
        'x-amzn-bedrock-trace': 'ENABLED',
        'x-amzn-bedrock-guardrailidentifier': 'g',
        'x-amzn-bedrock-guardrailversion': '2',
        'x-amzn-bedrock-performanceconfig-latency': 'optimized',
        'x-amzn-bedrock-service-tier': 'priority',
      },
    })
  })

  it.each([
    [{ contentType: 'text/plain', payload: 'Hi' }, 'Hi', 'text/plain'],
    [{ contentType: 'audio/x-wav', payload: WAV }, Buffer.from('RIFF'), 'audio/x-wav'],
    [{ payload: WAV }, Buffer.from('RIFF'), 'audio/wav'],
    [{ contentType: 'application/json', payload: WAV }, '{}', 'application/json'],
    [{ payload: { ...WAV, name: 'a.json' } }, '{}', 'application/json'],
    [{ payload: { a: WAV } }, '{"a":{}}', 'application/json'],
  ])('has a body that is no JSON as it is: case %#', (data, body, type) => {
    const call = callOf('invokeModel', { modelId: 'm', ...data })
    expect(call).toMatchObject({ body, headers: { 'content-type': type } })
  })

  it.each([
    [{ contentType: 'text/plain', payload: { a: 1 } }, 'data.payload: must be a text or a document'],
    [
      { payload: 1, guardrailIdentifier: 'g' },
      'data.guardrailVersion: must be given with guardrailIdentifier',
    ],
    [{ payload: 1, accept: 'image/png\nx: y' }, 'data.accept: must consist of printable ASCII characters'],
    [{ payload: 1, trace: 'yes' }, 'data.trace: must be one of ENABLED'],
  ])('is refused before it is sent: %j', (data, message) => {
    expect(errorOf(data, 'invokeModel')).toContain(`Nothing was sent to Bedrock: ${message}`)
  })

  it('may have the version of its guardrail as a number', () => {
    const guardrail = { guardrailIdentifier: 'g', guardrailVersion: 2 }
    expect(callOf('invokeModel', { modelId: 'm', payload: 1, ...guardrail })).toMatchObject({
      headers: { 'x-amzn-bedrock-guardrailversion': '2' },
    })
  })
})

describe('an action that no model answers', () => {
  it('counts the tokens of a Converse request, or of a body of InvokeModel', () => {
    const messages = [{ role: 'user', content: [{ text: 'Hi' }] }]
    expect(bodyOf({ input: { converse: { messages, system: 'Be brief.' } } }, 'countTokens')).toEqual({
      input: { converse: { messages, system: [{ text: 'Be brief.' }] } },
    })
    const { input } = bodyOf({ input: { invokeModel: { body: { a: 1 } } } }, 'countTokens')
    expect(Buffer.from(input.invokeModel.body, 'base64').toString()).toBe('{"a":1}')
    // As the fields of a template leave it.
    const empty = { converse: { messages: null, system: '' }, invokeModel: { body: '' } }
    const both = { converse: { messages }, invokeModel: { body: { a: 1 } } }
    for (const wrong of [{}, { input: empty }, { input: both }])
      expect(errorOf(wrong, 'countTokens')).toContain('data.input: must have either converse')
  })

  it('applies a guardrail to a text, or to blocks', () => {
    const guardrail = { guardrailIdentifier: 'g', guardrailVersion: 1 }
    expect(callOf('applyGuardrail', { ...guardrail, content: 'Hi', outputScope: 'FULL' })).toMatchObject({
      guardrailIdentifier: 'g',
      guardrailVersion: '1',
      body: '{"source":"INPUT","content":[{"text":{"text":"Hi"}}],"outputScope":"FULL"}',
    })
    expect(errorOf({ content: 'Hi' }, 'applyGuardrail')).toContain('data.guardrailIdentifier')
    expect(errorOf(guardrail, 'applyGuardrail')).toContain('data.content: must be a list of blocks')
    expect(errorOf({ ...guardrail, content: 'Hi', source: 'both' }, 'applyGuardrail')).toContain(
      'data.source',
    )
  })

  it('checks messages without a guardrail, and leaves out checks that look for nothing', () => {
    const messages = [{ role: 'user', content: [{ text: 'Hi' }] }]
    const found = { categories: [{ category: 'JAILBREAK' }] }
    const checks = {
      promptAttack: found,
      contentFilter: { categories: [] },
      sensitiveInformation: { entities: null },
    }
    expect(bodyOf({ messages, checks }, 'invokeGuardrailChecks')).toEqual({
      messages,
      checks: { promptAttack: found },
    })
    expect(errorOf({ checks }, 'invokeGuardrailChecks')).toContain('data.messages')
    expect(errorOf({ messages, checks: {} }, 'invokeGuardrailChecks')).toContain('data.checks')
  })

  it('takes texts for blocks, and names what is neither', () => {
    const messages = [{ role: 'user', content: 'Hi' }]
    const sent = [{ role: 'user', content: [{ text: 'Hi' }] }]
    expect(bodyOf({ input: { converse: { messages } } }, 'countTokens').input.converse.messages).toEqual(sent)
    const checks = { promptAttack: { categories: [{ category: 'JAILBREAK' }] } }
    expect(bodyOf({ messages, checks }, 'invokeGuardrailChecks').messages).toEqual(sent)

    const guardrail = { guardrailIdentifier: 'g', guardrailVersion: 1 }
    expect(errorOf({ ...guardrail, content: ['a', null] }, 'applyGuardrail')).toContain(
      'data.content[1]: must',
    )
    const wrong = [{ role: 'user', content: [7] }]
    expect(errorOf({ input: { converse: { messages: wrong } } }, 'countTokens')).toContain(
      'data.input.converse.messages[0].content[0]: must be a content block or a text',
    )
    expect(errorOf({ messages: ['Hi'], checks }, 'invokeGuardrailChecks')).toContain(
      'data.messages[0]: must be a message, with role and content',
    )
  })

  it('has details and BPMN errors as the others have, and no document of its answer', () => {
    const options = { resultDetails: true, bpmnErrors: ['ThrottlingException'], answerDocument: 'always' }
    const input = { converse: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] } }
    const call = callOf('countTokens', { modelId: 'm', input, ...options })
    expect(call).toMatchObject({ options: { ...options, answerDocument: 'never' } })
    const variables = JSON.stringify({ action: 'countTokens', data: { input, ...options } })
    expect(optionsIn(variables)).toEqual(call.options)
    expect(optionsIn(optionVariables(variables))).toEqual(call.options)
    expect(optionVariables(variables)).not.toContain('Hi')
    expect(optionVariables(JSON.stringify({ action: 'countTokens', data: { input } }))).toBe('{}')
  })
})
