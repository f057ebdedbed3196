// Long answers over a way that cuts silent connections: read as streams they arrive, read whole they do not.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type LanesFile, makeLanesFile } from './lanes-file.ts'
import { readSamples } from './metric-samples.ts'
import { callsOf, until } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

/** A gateway between Quarry and Bedrock ends connections on which Bedrock says nothing for so long, ms. */
const SILENCE_MS = 1_500

let gateway: Server
let lanes: LanesFile
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
  lanes = await makeLanesFile('streaming: []\n')
  quarry = await startQuarry({
    QUARRY_LANES_FILE: lanes.path,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `http://127.0.0.1:${own}`,
    QUARRY_MAX_SENDS: '1',
    QUARRY_STREAM_STALL: 'PT1S',
  })
})
afterAll(async () => {
  await quarry?.stop()
  await lanes?.remove()
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

describe('the lanes file', () => {
  const pathsOf = async (model: string) => (await callsOf(model)).map(({ path }) => path.replace(/^.*\//, ''))

  it('streams the calls that its rules name from its next change on, and metrics have their speed', async () => {
    const model = `m@${randomUUID()}`
    const inputs = converseInputs(model, { 'data.newMessage': '=ask' })
    const process = await quarry.deploy({ inputs, headers: { resultVariable: 'answer' } })
    // Ten words, twenty a second.
    const ask = `[[sim {text: "${LONG.split(' ').slice(0, 10).join(' ')}", stream: {tokensPerSecond: 20}}]] Go on.`
    await quarry.run(process, { ask })
    expect(await pathsOf(model)).toEqual(['converse'])

    await writeFile(lanes.path, `streaming: [{ model: "${model}" }]\n`)
    await until('a call is streamed', async () => {
      await quarry.run(process, { ask })
      return (await pathsOf(model)).includes('converse-stream')
    })
    const { url } = quarry.process
    const samples = readSamples(await (await fetch(`${url}/metrics`)).text())
    const valueIn = (name: string) =>
      samples.find(({ name: at, labels }) => at === name && labels['model'] === model)?.value ?? Number.NaN
    expect(valueIn('quarry_time_to_first_token_seconds_count')).toBe(1)
    expect(valueIn('quarry_time_to_first_token_seconds_sum')).toBeLessThan(60)
    expect(valueIn('quarry_output_tokens_per_second_count')).toBe(1)
    // Five output tokens, as the stand-in counts them, in half a second or more.
    expect(valueIn('quarry_output_tokens_per_second_sum')).toBeGreaterThan(0)
    expect(valueIn('quarry_output_tokens_per_second_sum')).toBeLessThan(15)

    await writeFile(lanes.path, `streaming: [{ model: "${model}", off: true }]\n`)
    await until('a call is not streamed', async () => {
      await quarry.run(process, { ask })
      return (await pathsOf(model)).at(-1) === 'converse'
    })
  })
})
