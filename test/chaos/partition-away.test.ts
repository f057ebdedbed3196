// One partition of Zeebe refuses every report and every lease for a minute, another takes them: a gateway that answers by
// partition, with real adapters, one of which is killed meanwhile.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from '../flow/connector-jobs.ts'
import { readSamples } from '../flow/metric-samples.ts'
import {
  callsOf,
  environment,
  jobTypeOf,
  type QuarryProcess,
  startQuarryProcess,
} from '../flow/quarry-process.ts'
import { SEED, scaled } from './seed.ts'
import { waitFor } from './wait-for.ts'

/** At the least: a busy machine takes longer to call the model. */
const AWAY_MS = scaled(60_000, 20_000)
const PATIENCE_MS = 120_000
const EACH = scaled(200, 50)
const MORE = Math.round(EACH / 4)
const [REFUSING, HEALTHY] = [1, 2]
const MB = 1024 * 1024

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function heapMb(quarry: QuarryProcess): Promise<number> {
  const samples = readSamples((await quarry.get('/metrics')).text)
  return (samples.find(({ name }) => name === 'nodejs_heap_size_used_bytes')?.value ?? 0) / MB
}

/** Jobs of both partitions in turn, and how many of each have completed. */
function makeJobs(gateway: FakeGateway, type: string, model: string) {
  const keys = { [REFUSING]: [] as string[], [HEALTHY]: [] as string[] }
  return {
    add(partition: number, count: number): void {
      for (let added = 0; added < count; added += 1)
        keys[partition]?.push(gateway.addJob({ ...converseJob(type, model), partition }))
    },
    completed: (partition: number): number =>
      (keys[partition] ?? []).filter((key) => gateway.job(key as never).state === 'completed').length,
  }
}

it(`while one partition refuses reports for ${AWAY_MS / 1_000} s, those of another arrive within seconds, and its own arrive afterwards`, async () => {
  const gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  const env = environment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    QUARRY_LEASE: 'PT30S',
    QUARRY_DEFAULT_RPM: '12000',
  })
  const start = async (role: string): Promise<QuarryProcess> => {
    const started = await startQuarryProcess({ args: ['--roles', role], env })
    stops.push(() => started.stop())
    await started.ready()
    return started
  }
  const [doomed, adapter] = await Promise.all([start('adapter'), start('adapter'), start('bedrock')])
  const model = `nova@${randomUUID()}`
  const jobs = makeJobs(gateway, jobTypeOf(env), model)
  const heapBefore = await heapMb(adapter)

  let refused = 0
  gateway.refuse = ({ partition }) => {
    if (partition !== REFUSING) return null
    refused += 1
    return { status: refused % 2 === 0 ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE' }
  }
  const beganAt = performance.now()
  jobs.add(REFUSING, EACH)
  jobs.add(HEALTHY, EACH)
  await waitFor('the others are told', () => jobs.completed(HEALTHY) === EACH, PATIENCE_MS)
  const healthyMs = performance.now() - beganAt
  await waitFor('all are called', async () => (await callsOf(model)).length >= 2 * EACH, PATIENCE_MS)
  expect(jobs.completed(REFUSING)).toBe(0)
  doomed.signal('SIGKILL')
  await doomed.ended
  // New ones, too, are told while the partition refuses.
  const againAt = performance.now()
  jobs.add(HEALTHY, MORE)
  await waitFor('new ones are told', () => jobs.completed(HEALTHY) === EACH + MORE, PATIENCE_MS)
  const againMs = performance.now() - againAt
  await adapter.logged(
    'Zeebe partition refuses commands, the other partitions continue',
    ({ of }) => of === 'reports',
  )

  await sleep(Math.max(0, beganAt + AWAY_MS - performance.now()))
  expect(jobs.completed(REFUSING)).toBe(0)
  const heapGrown = (await heapMb(adapter)) - heapBefore
  gateway.refuse = () => null
  const openedAt = performance.now()
  await waitFor('the first of it are told', () => jobs.completed(REFUSING) > 0)
  const firstMs = performance.now() - openedAt
  // What the killed adapter had read is found after a minute without a word of it.
  await waitFor('all of it are told', () => jobs.completed(REFUSING) === EACH, PATIENCE_MS)
  const allMs = performance.now() - openedAt
  await adapter.logged('Zeebe partition takes commands again', ({ of }) => of === 'reports')

  const calls = (await callsOf(model)).length
  const told = (method: string) => gateway.calls.filter((call) => call.method === method)
  const rows = {
    'jobs of the partition that refuses, and of the other': `${EACH} and ${EACH + MORE}`,
    'the other told within s': Math.round(healthyMs / 100) / 10,
    'new ones told within s': Math.round(againMs / 100) / 10,
    'refused commands': refused,
    'first told s after it': Math.round(firstMs / 100) / 10,
    'all told s after it, one adapter dead': Math.round(allMs / 100) / 10,
    'heap grown by MB': Math.round(heapGrown),
    'calls made': calls,
    seed: SEED,
  }
  const lines = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(54)}  ${value}`)
  process.stdout.write(`\nchaos: a partition of Zeebe refuses\n${lines.join('\n')}\n\n`)
  expect(calls).toBe(2 * EACH + MORE)
  expect(told('FailJob')).toEqual([])
  // Probes, and not every outcome every time.
  expect(refused).toBeLessThan(3 * EACH)
  // With what is garbage: reporter-memory.test.ts has the exact figure.
  expect(heapGrown).toBeLessThan(150)
})
