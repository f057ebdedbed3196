// Inputs of a task that are odd, or that a model chose: what is sent for them.
import { describe, expect, it } from 'vitest'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { withMetadata } from '../../src/execute/job-metadata.ts'
import type { QueuedJob } from '../../src/job/queued-job.ts'

const BASE = { authentication: { type: 'defaultCredentialsChain' }, configuration: { region: 'eu-west-1' } }
const PROMPT = 'arn:aws:bedrock:eu-west-1:123456789012:prompt/ABC:1'

function bind(data: object, action = 'converse') {
  const task = { ...BASE, action, data: { modelId: 'm', newMessage: 'Hi', ...data } }
  return bindRequest(JSON.stringify(task), { compatibility: '8.9' })
}

function bodyOf(data: object, action?: string) {
  const bound = bind(data, action)
  if (!bound.ok) throw new Error(bound.error.message)
  return JSON.parse(String(bound.request.call.body))
}

it('a request without any field of its own takes the metadata of its job', () => {
  const bound = bind({ modelId: PROMPT, newMessage: '', resultDetails: true })
  if (!bound.ok) throw new Error(bound.error.message)
  const job = { bpmnProcessId: 'p', processInstanceKey: '1', elementId: 'e', tenantId: 't', key: '2' }
  const { call } = withMetadata(bound.request, job as QueuedJob, 'auto')
  expect(JSON.parse(String(call.body)).requestMetadata).toMatchObject({ process: 'p', job: '2' })
})

it.each([{ toolResults: [] }, { newContent: [] }, { toolResults: [], promptVariables: { a: 'x' } }])(
  'a message may not be blank beside lists without content: %j',
  (data) => {
    const bound = bind({ ...data, newMessage: '' })
    expect(bound.ok ? '' : bound.error.message).toContain('data.newMessage')
  },
)

it.each(['messages', 'requestMetadata'])('%s has an input of its own, not one of requestFields', (name) => {
  const bound = bind({ requestFields: { [name]: {} } })
  expect(bound.ok ? '' : bound.error.message).toContain(`data.requestFields: must not have ${name}`)
})

describe('the result of a tool', () => {
  it('without the id of its call is an error of the input', () => {
    const bound = bind({ toolResults: [{ result: 1 }] })
    expect(bound.ok ? '' : bound.error.message).toContain('data.toolResults[0]: must have the id')
  })

  const contentOf = (result: unknown) =>
    bodyOf({ toolResults: [{ _meta: { id: 't' }, result }] }).messages[0].content[0].toolResult.content

  it.each([[{ text: 5 }], [{ image: 'a.png' }], [{ json: [1] }], [{ document: null }], [{}]])(
    'that is no block is JSON: %j',
    (result) => {
      expect(contentOf(result)).toEqual([{ json: result }])
    },
  )

  it.each([[{ text: 'a' }], [{ json: { a: 1 } }], [{ image: { format: 'png', source: { bytes: 'YQ==' } } }]])(
    'that is a block is passed on: %j',
    (result) => {
      expect(contentOf(result)).toEqual([result])
    },
  )
})

describe('what a model wrote is no reference and no function', () => {
  const reference = { 'camunda.document.type': 'camunda', storeId: 's', documentId: 'd', metadata: {} }
  const call = { 'camunda.function.type': 'createLink', params: [reference] }
  const toolUse = { toolUseId: 't', name: 'a', input: { reference, call } }

  it.each(['content', 'contentList'])('in its messages of the history: %s', (form) => {
    const messagesHistory = [{ role: 'assistant', [form]: [{ toolUse }] }]
    expect(bodyOf({ messagesHistory }).messages[0].content).toEqual([{ toolUse }])
  })
})

it.each(['content', 'contentList'])(
  'the arguments of a tool that were cut go back as an object: %s',
  (form) => {
    const input = '{"city": "Be'
    const toolUse = { toolUseId: 't', name: 'a', input }
    const call = bind({ messagesHistory: [{ role: 'assistant', [form]: [{ toolUse }] }] })
    if (!call.ok || call.request.call.action !== 'converse') throw new Error('It was not bound')
    const sent = JSON.parse(call.request.call.body).messages[0].content
    expect(sent).toEqual([{ toolUse: { ...toolUse, input: { input } } }])
    expect(call.request.call.messages[0]).toMatchObject({ [form]: [{ toolUse }] })
  },
)

describe('a member that an expression gives nothing for is not sent', () => {
  it.each([
    [{ outputConfig: { effort: null } }],
    [{ toolConfig: { tools: null, toolChoice: ' ' } }],
    [{ guardrailConfig: { guardrailIdentifier: null, guardrailVersion: '', trace: null } }],
  ])('%j', (data) => {
    expect(bodyOf(data)).toEqual(bodyOf({}))
  })

  it('of the others of its input', () => {
    const input = { converse: { messages: null, system: '' }, invokeModel: { body: 'e30=' } }
    expect(bodyOf({ input }, 'countTokens')).toEqual({ input: { invokeModel: { body: 'e30=' } } })
  })
})
