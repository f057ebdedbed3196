// The two calls against the stand-in, over the connections that workers use.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { type BedrockClients, makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { type CallLimits, callBedrock } from '../../src/aws/call-bedrock.ts'
import { resendRule } from '../../src/connector/resend.ts'
import type { Credential } from '../../src/job/credential.ts'

let sim: Sim
let clients: BedrockClients
const credential = { kind: 'static', accessKey: 'AKIAKNOWN', secretKey: 'secret' } as const
const limits = { timeoutMs: 30_000, signal: new AbortController().signal }

beforeAll(async () => {
  sim = await startSim({ credentials: { AKIAKNOWN: 'secret' }, settings: { recordBodies: true } })
  clients = makeBedrockClients({
    endpoint: sim.tlsUrl,
    caBundle: sim.caFile,
  })
})
afterAll(async () => {
  clients?.close()
  await sim?.stop()
})

const prompt = {
  messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
  inferenceConfig: { maxTokens: 10 },
}

function converseWith(modelId: string, body: object = prompt) {
  const target = { operation: 'converse', modelId } as const
  return callBedrock(clients.get('eu-west-1', credential), { target, body: JSON.stringify(body) }, limits)
}

function invokeModel(modelId: string, { using = credential, within = limits }: Using = {}) {
  const target = { operation: 'invokeModel', modelId } as const
  return callBedrock(clients.get('eu-west-1', using), { target, body: '{}' }, within)
}

interface Using {
  readonly using?: Credential
  readonly within?: CallLimits
}

describe('a call', () => {
  it('gives the text of the answer and its headers, signed so that it is verified', async () => {
    const result = await converseWith('m1')
    if (!result.ok) throw new Error(result.failure.message)
    expect(JSON.parse(Buffer.from(result.answer.bytes).toString())).toMatchObject({
      output: { message: { role: 'assistant', content: [{ text: 'Echo: Hello' }] } },
      usage: { inputTokens: 10, outputTokens: 5 },
    })
    expect(result.answer).toMatchObject({ status: 200, headers: { 'x-amzn-requestid': expect.any(String) } })
  })

  it('sends its body and its headers as they are, whatever the SDK knows of them', async () => {
    const body = {
      ...prompt,
      aNewField: { deep: [1.5, null] },
      messages: [{ role: 'user', content: [{ aNewBlock: {} }] }],
    }
    await converseWith('its-body', body)
    expect(sim.requests().find(({ model }) => model === 'its-body')?.body).toBe(JSON.stringify(body))
  })

  it('shares one connection with those beside it', async () => {
    const many = Array.from({ length: 20 }, () => converseWith('slow-50'))
    expect((await Promise.all(many)).every(({ ok }) => ok)).toBe(true)
    expect(new Set(sim.requests().map(({ protocol }) => protocol))).toEqual(new Set(['h2']))
  })

  it('with keys that AWS does not know is refused', async () => {
    const result = await invokeModel('m1', { using: { ...credential, secretKey: 'wrong' } })
    expect(result).toMatchObject({ ok: false, failure: { status: 403 } })
  })

  it('is not sent when the process stood still while it was signed, and costs its job nothing', async () => {
    const now = vi.spyOn(performance, 'now')
    now.mockReturnValueOnce(0).mockReturnValue(16_000)
    const result = await invokeModel('stood-still')
    now.mockRestore()
    if (result.ok) throw new Error('it was sent')
    expect(result.failure).toMatchObject({ unprocessed: true, message: expect.stringMatching(/not sent/) })
    expect(resendRule(result.failure)).toBe('outage')
    expect(sim.requests().filter(({ model }) => model === 'stood-still')).toEqual([])
  })

  it('ends at Quarry’s time limit, and its error names that limit', async () => {
    const result = await invokeModel('hang', { within: { ...limits, timeoutMs: 100 } })
    expect(result).toMatchObject({ ok: false, failure: { name: 'TimeoutError', timedOutAfterMs: 100 } })
  })

  it('ends at once when its worker stops', async () => {
    const stopping = new AbortController()
    const call = invokeModel('hang', { within: { ...limits, signal: stopping.signal } })
    stopping.abort()
    expect(await call).toMatchObject({ ok: false, failure: { name: 'AbortError' } })
  })
})
