// Calls of every action over HTTP, through the AWS SDK to the stand-in: what a task gets of the answer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { type BedrockClients, makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { type CallAnswer, makeBedrockCaller } from '../../src/execute/bedrock-caller.ts'

let sim: Sim
let clients: BedrockClients

beforeAll(async () => {
  sim = await startSim({ otherKeys: true })
  clients = makeBedrockClients({ endpoint: sim.url })
})
afterAll(async () => {
  clients?.close()
  await sim?.stop()
})

function called(action: string, data: object): Promise<CallAnswer> {
  const authentication = { type: 'credentials', accessKey: 'AKIATEST', secretKey: 's' }
  const inputs = { authentication, configuration: { region: 'eu-west-1' }, action, data }
  const bound = bindRequest(JSON.stringify(inputs), { compatibility: '8.9' })
  if (!bound.ok) throw new Error(bound.error.message)
  const limits = { timeoutMs: 60_000, signal: new AbortController().signal }
  return makeBedrockCaller(clients)(bound.request, limits)
}

const PROMPT = { payload: { messages: [{ role: 'user', content: 'a forbidden word' }], max_tokens: 9 } }
const GUARDRAIL = { guardrailIdentifier: 'simguardrail', guardrailVersion: 'DRAFT' }

describe('InvokeModel', () => {
  it('has the guardrail of its headers, and its intervention as the stop reason', async () => {
    const answer = await called('invokeModel', {
      modelId: 'guarded',
      ...PROMPT,
      ...GUARDRAIL,
      trace: 'ENABLED',
    })
    expect(answer).toMatchObject({
      kind: 'response',
      stopReason: 'guardrail_intervened',
      response: { body: { 'amazon-bedrock-guardrailAction': 'INTERVENED', 'amazon-bedrock-trace': {} } },
    })
    const free = await called('invokeModel', { modelId: 'free', payload: { prompt: 'fine' }, ...GUARDRAIL })
    expect(free).not.toMatchObject({ stopReason: 'guardrail_intervened' })
  })

  it('has the stop reason of a body of Claude', async () => {
    const payload = { anthropic_version: 'bedrock-2023-05-31', ...PROMPT.payload }
    expect(await called('invokeModel', { modelId: 'claude', payload })).toMatchObject({
      stopReason: 'end_turn',
    })
  })

  it('has a file for an answer that is not JSON, if the task takes one', async () => {
    const data = { modelId: 'image-2000', payload: {}, answerDocument: 'large', resultDetails: true }
    const answer = await called('invokeModel', data)
    expect(answer).toMatchObject({
      kind: 'response',
      bytes: 2_000,
      file: { contentType: 'image/png' },
      response: { body: null, contentType: 'image/png', usage: { inputTokens: 12 }, model: 'image-2000' },
    })
  })

  it('is unusable with another answer than JSON, and says what to set where Bedrock names its type', async () => {
    expect(await called('invokeModel', { modelId: 'image-2000', payload: {} })).toMatchObject({
      kind: 'unusable',
      error: { message: expect.stringContaining('The answer is image/png, not JSON. Set the input') },
    })
    const page = await called('invokeModel', { modelId: 'html', payload: {}, answerDocument: 'always' })
    expect(page).toMatchObject({
      kind: 'unusable',
      error: { message: expect.not.stringContaining('answerDocument') },
    })
  })
})

describe('an action without a model', () => {
  const messages = [{ role: 'user', content: [{ text: 'a forbidden word' }] }]

  it.each([
    ['countTokens', { modelId: 'm', input: { converse: { messages } } }, { inputTokens: 4, model: 'm' }],
    ['applyGuardrail', { ...GUARDRAIL, content: 'fine' }, { action: 'NONE', model: null }],
    [
      'invokeGuardrailChecks',
      { messages, checks: { contentFilter: { categories: [{ category: 'HATE' }] } } },
      { results: { contentFilter: {} }, model: null },
    ],
  ])('%s gives what Bedrock answers, and the facts', async (action, data, response) => {
    const facts = { region: 'eu-west-1', requestId: expect.any(String), cost: null }
    const answer = await called(action, { ...data, resultDetails: true })
    expect(answer).toMatchObject({ kind: 'response', response: { ...response, ...facts } })
    expect(answer).not.toHaveProperty('stopReason')
  })

  it('has an intervention as the stop reason', async () => {
    const answer = await called('applyGuardrail', { ...GUARDRAIL, content: 'a forbidden word' })
    expect(answer).toMatchObject({ kind: 'response', stopReason: 'guardrail_intervened' })
  })

  it.each([
    ['countTokens', { modelId: 'm', input: { converse: { messages: [{ role: 'x', content: [] }] } } }],
    ['applyGuardrail', { ...GUARDRAIL, guardrailIdentifier: 'missing', content: 'fine' }],
  ])('%s has the errors of AWS', async (action, data) => {
    expect(await called(action, data)).toMatchObject({
      kind: 'failure',
      failure: { name: expect.stringMatching(/^(Validation|ResourceNotFound)Exception$/) },
    })
  })
})
