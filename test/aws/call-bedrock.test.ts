// The two calls against the stand-in, over the connections that workers use.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { type BedrockClients, makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { converse, invokeModel } from '../../src/aws/call-bedrock.ts'
import { resendRule } from '../../src/connector/resend.ts'

let sim: Sim
let clients: BedrockClients
const credential = { kind: 'static', accessKey: 'AKIAKNOWN', secretKey: 'secret' } as const
const limits = { timeoutMs: 30_000, signal: new AbortController().signal }
const parameters = { maxTokens: 10, temperature: null, topP: null }

beforeAll(async () => {
  sim = await startSim({ credentials: { AKIAKNOWN: 'secret' } })
  clients = makeBedrockClients({
    endpoint: sim.tlsUrl,
    caBundle: sim.caFile,
  })
})
afterAll(async () => {
  clients?.close()
  await sim?.stop()
})

function converseWith(modelId: string) {
  const input = { modelId, messages: [{ role: 'user', content: [{ text: 'Hello' }] }], ...parameters }
  return converse(clients.get('eu-west-1', credential), input, { ...limits, isAnswer: () => true })
}

describe('a call', () => {
  it('gives the answer and the tokens, signed so that it is verified', async () => {
    expect(await converseWith('m1')).toEqual({
      ok: true,
      answer: { role: 'assistant', content: [{ text: 'Echo: Hello' }] },
      usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
    })
  })

  it('of InvokeModel gives the tokens too, from the headers of the answer', async () => {
    const client = clients.get('eu-west-1', credential)
    const result = await invokeModel(client, { modelId: 'usage-1200-300', body: '{}' }, limits)
    expect(result).toMatchObject({
      ok: true,
      usage: { input: 1200, output: 300, cacheRead: 0, cacheWrite: 0 },
    })
  })

  it('whose prompt was cached gives the tokens read from and written to the cache', async () => {
    const client = clients.get('eu-west-1', credential)
    const cached = { input: 10, output: 20, cacheRead: 30, cacheWrite: 40 }
    const modelId = 'usage-10-20-30-40'
    expect(await invokeModel(client, { modelId, body: '{}' }, limits)).toMatchObject({ usage: cached })
    expect(await converseWith(modelId)).toMatchObject({ usage: cached })
  })

  it('does not parse an answer again that the SDK read in full', async () => {
    const isAnswer = vi.fn(() => true)
    const input = { modelId: 'm1', messages: [{ role: 'user', content: [{ text: 'Hi' }] }], ...parameters }
    const result = await converse(clients.get('eu-west-1', credential), input, { ...limits, isAnswer })
    expect(result).toMatchObject({ ok: true })
    expect(isAnswer).not.toHaveBeenCalled()
  })

  it('shares one connection with those beside it', async () => {
    const many = Array.from({ length: 20 }, () => converseWith('slow-50'))
    expect((await Promise.all(many)).every(({ ok }) => ok)).toBe(true)
    expect(new Set(sim.requests().map(({ protocol }) => protocol))).toEqual(new Set(['h2']))
  })

  it('with keys that AWS does not know is refused', async () => {
    const stranger = clients.get('eu-west-1', { ...credential, secretKey: 'wrong' })
    const result = await invokeModel(stranger, { modelId: 'm1', body: '{}' }, limits)
    expect(result).toMatchObject({ ok: false, failure: { status: 403 } })
  })

  it('whose answer ends within its JSON fails with what arrived', async () => {
    const result = await converseWith('malformed')
    expect(result).toMatchObject({ ok: false, failure: { unreadable: true, status: 200 } })
    expect(!result.ok && result.failure.body).toMatch(/^\{/)
  })

  it('is not sent when the process stood still while it was signed, and costs its job nothing', async () => {
    const client = clients.get('eu-west-1', credential)
    const now = vi.spyOn(performance, 'now')
    now.mockReturnValueOnce(0).mockReturnValue(16_000)
    const result = await invokeModel(client, { modelId: 'stood-still', body: '{}' }, limits)
    now.mockRestore()
    if (result.ok) throw new Error('it was sent')
    expect(result.failure).toMatchObject({ unprocessed: true, message: expect.stringMatching(/not sent/) })
    expect(resendRule(result.failure)).toBe('outage')
    expect(sim.requests().filter(({ model }) => model === 'stood-still')).toEqual([])
  })

  it('ends at Quarry’s time limit, and its error names that limit', async () => {
    const client = clients.get('eu-west-1', credential)
    const result = await invokeModel(client, { modelId: 'hang', body: '{}' }, { ...limits, timeoutMs: 100 })
    expect(result).toMatchObject({ ok: false, failure: { name: 'TimeoutError', timedOutAfterMs: 100 } })
  })

  it('ends at once when its worker stops', async () => {
    const stopping = new AbortController()
    const client = clients.get('eu-west-1', credential)
    const call = invokeModel(client, { modelId: 'hang', body: '{}' }, { ...limits, signal: stopping.signal })
    stopping.abort()
    expect(await call).toMatchObject({ ok: false, failure: { name: 'AbortError' } })
  })
})
