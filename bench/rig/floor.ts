// Floors for comparison, each in a process of its own: `node bench/rig/floor.ts <floor> <options as JSON>` prints
// its figures as JSON. `calls` are direct calls of the AWS SDK, `paced-calls` at a fixed rate, `bullmq` jobs through a plain queue.
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import type { Figures } from '../report/figure.ts'
import { percentile } from '../report/statistics.ts'
import { figuresOf } from './figures-process.ts'
import { CREDENTIALS, type Parts } from './parts.ts'
import { ask } from './plain-call.ts'

export interface FloorOptions {
  readonly count: number
  readonly model: string
  /** The model's time, which is subtracted from latencies. */
  readonly modelMs: number
  /** The rate of paced calls. */
  readonly perSecond: number
}

type Floor = 'calls' | 'paced-calls' | 'bullmq'

const IN_FLIGHT = 100
const BATCH = 100
/** Warm-up: opens connections and compiles code. */
const WARM_UP_CALLS = 20

/** @returns the figures of a floor; `rate` in jobs a second, `cpuPer1000` in s, `p50` and `p99` in ms beyond the model's time. */
export function runFloor(
  floor: Floor,
  { redis, standIn }: Pick<Parts, 'redis' | 'standIn'>,
  options: FloorOptions,
): Promise<Figures> {
  const env = {
    ...CREDENTIALS,
    REDIS_URL: redis.url,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: standIn.tlsUrl,
    NODE_EXTRA_CA_CERTS: standIn.caFile,
  }
  return figuresOf('bench/rig/floor.ts', [floor, JSON.stringify(options)], env)
}

async function main(floor: Floor, options: FloorOptions): Promise<Figures> {
  switch (floor) {
    case 'calls':
      return calls(options)
    case 'paced-calls':
      return pacedCalls(options)
    case 'bullmq':
      return bullmq(options)
  }
}

const call = (modelId: string) =>
  ask({
    configuration: { region: 'eu-west-1' },
    data: { modelId, newMessage: 'What is the answer?', maxTokens: 20 },
  })

async function calls({ count, model }: FloorOptions): Promise<Figures> {
  await Promise.all(Array.from({ length: WARM_UP_CALLS }, () => call(model)))
  return timed(count, async () => {
    let left = count
    const caller = async (): Promise<void> => {
      for (; left > 0; await call(model)) left -= 1
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, caller))
  })
}

async function pacedCalls({ count, model, modelMs, perSecond }: FloorOptions): Promise<Figures> {
  await Promise.all(Array.from({ length: WARM_UP_CALLS }, () => call(model)))
  const latencies: number[] = []
  const beganAt = performance.now()
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await sleep(beganAt + (index * 1_000) / perSecond - performance.now())
      const sentAt = performance.now()
      await call(model)
      latencies.push(performance.now() - sentAt - modelMs)
    }),
  )
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
}

async function bullmq({ count }: FloorOptions): Promise<Figures> {
  const connection = { url: process.env['REDIS_URL'] ?? '' }
  const queue = new Queue('floor', { connection })
  const opts = { removeOnComplete: true, removeOnFail: true }
  const payload = 'x'.repeat(1_000)
  await queue.waitUntilReady()
  const figures = await timed(count, async () => {
    for (let from = 0; from < count; from += BATCH)
      await queue.addBulk(Array.from({ length: BATCH }, () => ({ name: 'call', data: { payload }, opts })))
    const { promise, resolve } = Promise.withResolvers<void>()
    let left = count
    const worker = new Worker('floor', async () => undefined, { connection, concurrency: IN_FLIGHT })
    worker.on('completed', () => {
      left -= 1
      if (left === 0) resolve()
    })
    await promise
    await worker.close()
  })
  await queue.close()
  return figures
}

async function timed(count: number, work: () => Promise<void>): Promise<Figures> {
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()]
  await work()
  const used = process.cpuUsage(cpu)
  return {
    rate: (count * 1_000) / (performance.now() - startedAt),
    cpuPer1000: (used.user + used.system) / 1_000 / count,
  }
}

if (process.argv[1] === import.meta.filename) {
  const [, , floor = '', options = '{}'] = process.argv
  console.log(JSON.stringify(await main(floor as Floor, JSON.parse(options) as FloorOptions)))
  process.exit()
}
