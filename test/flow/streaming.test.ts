// Long answers over a way that cuts silent connections: read as streams they arrive, read whole they do not.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { callsOf } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

/** A gateway between Quarry and Bedrock ends connections on which Bedrock says nothing for so long, ms. */
const SILENCE_MS = 1_500

let gateway: Server
let quarry: QuarryUnderTest

beforeAll(async () => {
  const { hostname, port } = new URL(inject('simUrl'))
  gateway = createServer((near) => {
    const far = connect(Number(port), hostname)
    far.setTimeout(SILENCE_MS, () => near.destroy())
    near.on('error', () => undefined).on('close', () => far.destroy())
    far.on('error', () => undefined).on('close', () => near.destroy())
    near.pipe(far)
    far.pipe(near)
  })
  await once(gateway.listen(0, '127.0.0.1'), 'listening')
  const { port: own } = gateway.address() as AddressInfo
  quarry = await startQuarry({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `http://127.0.0.1:${own}`,
    QUARRY_MAX_SENDS: '1',
    QUARRY_STREAM_STALL: 'PT1S',
  })
})
afterAll(async () => {
  await quarry?.stop()
  gateway?.close()
})

/** Forty words, ten a second. */
const LONG = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ')

async function runTask(streaming: boolean, directive: string, errorExpression = '') {
  const model = `slow@${randomUUID()}`
  const inputs = converseInputs(model, {
    'data.newMessage': '=ask',
    'data.maxTokens': '=1000',
    'data.streaming': `=${streaming}`,
    'data.resultDetails': '=true',
  })
  const headers = { resultVariable: 'answer', errorExpression }
  const process = await quarry.deploy({ inputs, headers })
  const variables = await quarry.run(process, { ask: directive })
  return { variables, calls: await callsOf(model) }
}

describe('an answer that takes four seconds, over a gateway that cuts after silence', () => {
  it('arrives whole when it is read as a stream', async () => {
    const { variables, calls } = await runTask(
      true,
      `[[sim {turns: ["${LONG}"], stream: {tokensPerSecond: 10}}]] Go on.`,
    )
    expect(variables['answer']).toMatchObject({ text: LONG, stopReason: 'end_turn' })
    expect(calls.map(({ path }) => path.replace(/^.*\//, ''))).toEqual(['converse-stream'])
  })
})

describe('a stream that falls silent', () => {
  it('is ended by its own bound, which its error names', async () => {
    const { variables } = await runTask(
      true,
      `[[sim {turns: ["${LONG}"], stream: {stallAfter: 3}}]] Go on.`,
      '=ignoreError({error: error.message})',
    )
    expect(variables['error']).toMatch(/QUARRY_STREAM_STALL/)
  })
})
