// Ten jobs of 3 MB, made to take as much time and memory as a diagram can ask for, beside a hundred healthy ones, on a worker with a
// small heap. They come from a gateway of their own: the engine's records of them would slow down all who read it.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import {
  callsOf,
  environment,
  type QuarryProcess,
  startQuarryProcess,
  until,
} from '../flow/quarry-process.ts'

const HEALTHY = 100
const SIZE = 3_000_000
const parts: QuarryProcess[] = []
let gateway: FakeGateway
let type: string

beforeAll(async () => {
  gateway = await startFakeGateway({ jobsPerMessage: 1, record: false })
  const env = environment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    QUARRY_LANE_CONCURRENCY: '20',
    QUARRY_DEFAULT_RPM: '60000',
  })
  type = env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? ''
  const small = { ...env, NODE_OPTIONS: '--max-old-space-size=256' }
  parts.push(
    await startQuarryProcess({ args: ['--roles', 'adapter'], env }),
    await startQuarryProcess({ args: ['--roles', 'bedrock'], env: small }),
  )
  await Promise.all(parts.map((part) => part.ready()))
})
afterAll(async () => {
  await Promise.all(parts.map((part) => part.stop()))
  await gateway?.stop()
})

const listOf = (json: string, most = Number.POSITIVE_INFINITY): string =>
  `[${Array.from({ length: Math.min(most, Math.floor(SIZE / (json.length + 1))) }, () => json).join(',')}]`

/** Fewer values than a job may have. */
const MANY = 190_000
const inline = '{"camunda.document.type":"inline","content":"a","name":"a.txt"}'
const HOSTILE: readonly (readonly [what: string, list: string, isCalled: boolean])[] = [
  ['documents', listOf(inline), false],
  ['too-many-values', listOf('{}'), false],
  ['decimals', listOf('1.0', MANY), true],
  // There is no such secret.
  ['references', listOf('"secrets.A"', MANY), false],
  ['texts', listOf(`"${'x'.repeat(30)}"`, MANY), true],
  ['objects', listOf('{"a":"b"}', MANY / 2), true],
  ['one-text', listOf(`"${'y'.repeat(SIZE - 10)}"`), true],
  ['nested', listOf('[[[[[[[[]]]]]]]]', MANY / 9), true],
  ['long-numbers', listOf('1234567890123456789', MANY), true],
  ['keys', listOf('{"a":1,"b":2,"c":3}', MANY / 4), true],
]
const LONG_ANSWER =
  '={text: string join(for i in 1..50000 return "0123456789012345678901234567890123456789")}'

function inputs(model: string, data: string): Record<string, string> {
  const action = data.includes('"payload"') ? 'invokeModel' : 'converse'
  return {
    authentication: '{"type":"defaultCredentialsChain"}',
    configuration: '{"region":"eu-west-1"}',
    action: JSON.stringify(action),
    data: `{"modelId":${JSON.stringify(model)},${data}}`,
  }
}

function addHostile(what: string, list: string) {
  const data = what === 'documents' ? `"newMessage":"a","newDocuments":${list}` : `"payload":{"list":${list}}`
  const customHeaders = { resultExpression: LONG_ANSWER }
  return gateway.addJob({ type, variables: inputs(`hostile-${what}`, data), customHeaders, retries: 1 })
}

/** Adds the healthy ones, 20 a second. @returns percentiles 99 and 50 of what they took, ms. */
async function runHealthy(): Promise<readonly number[]> {
  const took: number[] = []
  const ending: Promise<unknown>[] = []
  for (let index = 0; index < HEALTHY; index += 1) {
    const from = performance.now()
    const key = gateway.addJob({ type, variables: inputs('beside-hostile', '"newMessage":"a"') })
    ending.push(gateway.ended(key).then(() => took.push(performance.now() - from)))
    await sleep(50)
  }
  await Promise.all(ending)
  took.sort((a, b) => a - b)
  return [took[Math.floor(HEALTHY * 0.99)] ?? 0, took[Math.floor(HEALTHY * 0.5)] ?? 0].map(Math.round)
}

it('others complete, nothing is paid for twice, and every probe is answered', async () => {
  const probing = new AbortController()
  const probes = Promise.all(parts.map((part) => slowestProbe(part, probing.signal)))
  probes.catch(() => undefined)
  await runHealthy()
  const alone = await runHealthy()
  const hostile = HOSTILE.map(([what, list]) => addHostile(what, list))
  const beside = await runHealthy()
  await until('each of them has come to an end', async () =>
    hostile.every((key) => !['activatable', 'activated'].includes(gateway.job(key).state)),
  )
  probing.abort()
  const slowest = Math.round(Math.max(...(await probes)))
  console.log(JSON.stringify({ 'p99 and p50, ms': { alone, beside }, 'slowest probe, ms': slowest }))
  // Six probes of ten seconds that get no answer end a process.
  expect(slowest).toBeLessThan(10_000)
  expect(await callsOf('beside-hostile')).toHaveLength(3 * HEALTHY)
  for (const [what, , isCalled] of HOSTILE)
    expect(await callsOf(`hostile-${what}`), what).toHaveLength(isCalled ? 1 : 0)
  for (const part of parts) {
    const told = part.log.filter(({ msg }) => /died|not executed again|lease lost/.test(msg))
    expect(told).toEqual([])
  }
})

/** The longest that `/health/live` took to answer until told to stop, ms. */
async function slowestProbe(part: QuarryProcess, signal: AbortSignal): Promise<number> {
  let slowest = 0
  while (!signal.aborted) {
    const from = performance.now()
    expect((await part.get('/health/live')).status).toBe(200)
    slowest = Math.max(slowest, performance.now() - from)
    await sleep(100)
  }
  return slowest
}
