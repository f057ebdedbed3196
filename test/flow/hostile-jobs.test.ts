// Ten jobs of 3 MB, made to take as much time and memory as a diagram can ask for, beside a hundred healthy ones, on a worker with a
// small heap.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callsOf, environment, type QuarryProcess, startQuarryProcess } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  invokeInputs,
  makeProcessesUnderTest,
  type ProcessesUnderTest,
  recordsUntil,
} from './quarry-under-test.ts'

const HEALTHY = 100
const SIZE = 3_000_000
const env = environment({ QUARRY_LANE_CONCURRENCY: '20', QUARRY_DEFAULT_RPM: '60000' })
const parts: QuarryProcess[] = []
let under: ProcessesUnderTest

beforeAll(async () => {
  under = makeProcessesUnderTest(env)
  const small = { ...env, NODE_OPTIONS: '--max-old-space-size=256' }
  parts.push(
    await startQuarryProcess({ args: ['--roles', 'adapter'], env }),
    await startQuarryProcess({ args: ['--roles', 'bedrock'], env: small }),
  )
  await Promise.all(parts.map((part) => part.ready()))
})
afterAll(async () => {
  await Promise.all(parts.map((part) => part.stop()))
  await under?.close()
})

/** JSON of a list of half the size; each diagram doubles it, as an instance is not begun with so much. */
const listOf = (json: string, most = Number.POSITIVE_INFINITY): string =>
  `[${Array.from({ length: Math.min(most, Math.floor(SIZE / 2 / (json.length + 1))) }, () => json).join(',')}]`

/** Fewer values than a job may have. */
const MANY = 95_000
const inline = '{"camunda.document.type":"inline","content":"a","name":"a.txt"}'
const HOSTILE: readonly (readonly [what: string, list: string, isCalled: boolean])[] = [
  ['documents', listOf(inline), false],
  ['too-many-values', listOf('{}'), false],
  // The engine keeps nine bytes of each.
  ['decimals', listOf('1.0', MANY), true],
  // There is no such secret.
  ['references', listOf('"secrets.A"', MANY), false],
  ['texts', listOf(`"${'x'.repeat(30)}"`, MANY / 2), true],
  ['objects', listOf('{"a":"b"}', MANY / 2), true],
  ['one-text', listOf(`"${'y'.repeat(SIZE / 2 - 10)}"`), true],
  ['nested', listOf('[[[[[[[[]]]]]]]]', MANY / 9), true],
  ['long-numbers', listOf('1234567890123456789', MANY), true],
  ['keys', listOf('{"a":1,"b":2,"c":3}', MANY / 4), true],
]

it('others complete, nothing is paid for twice, and every probe is answered', async () => {
  const healthy = await under.deploy({ inputs: converseInputs('beside-hostile') })
  const deployed = await Promise.all(
    HOSTILE.map(([what]) =>
      under.deploy({
        inputs:
          what === 'documents'
            ? converseInputs(`hostile-${what}`, { 'data.newDocuments': '=concatenate(list, list)' })
            : invokeInputs(`hostile-${what}`, { 'data.payload': '={list: concatenate(list, list)}' }),
        headers: {
          resultExpression:
            '={text: string join(for i in 1..50000 return "0123456789012345678901234567890123456789")}',
        },
        retries: '1',
      }),
    ),
  )
  const probing = new AbortController()
  const probes = Promise.all(parts.map((part) => slowestProbe(part, probing.signal)))
  probes.catch(() => undefined)
  await run(healthy)
  const alone = await run(healthy)
  const hostile: { processInstanceKey: string }[] = []
  for (const [index, [, list]] of HOSTILE.entries()) {
    const bpmnProcessId = deployed[index] ?? ''
    hostile.push(await under.processes.createInstance({ bpmnProcessId, variables: `{"list":${list}}` }))
  }
  const beside = await run(healthy)
  await Promise.all(hostile.map(({ processInstanceKey }) => recordsUntil(processInstanceKey, hasEnded)))
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

/** Starts the healthy ones, 20 a second. @returns the 99th and 50th percentile of what they took, ms. */
async function run(bpmnProcessId: string): Promise<readonly number[]> {
  const took: number[] = []
  const ending: Promise<unknown>[] = []
  for (let index = 0; index < HEALTHY; index += 1) {
    const from = performance.now()
    const instance = { bpmnProcessId, variables: '{}', requestTimeoutMs: 90_000 }
    ending.push(
      under.processes.createInstanceWithResult(instance).then(() => took.push(performance.now() - from)),
    )
    await sleep(50)
  }
  await Promise.all(ending)
  took.sort((a, b) => a - b)
  return [took[Math.floor(HEALTHY * 0.99)] ?? 0, took[Math.floor(HEALTHY * 0.5)] ?? 0].map(Math.round)
}

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
