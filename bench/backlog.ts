// `npm run bench -- backlog`: a lane with a hundred thousand waiting jobs, against one with a thousand.
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { LaneName } from '../src/job/ids.ts'
import { makeKeys } from '../src/redis/keys.ts'
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { startWorkers } from './rig/contenders.ts'
import { promptOf } from './rig/engine-run.ts'
import { type GatewayProcess, startGatewayProcess } from './rig/gateway-process.ts'
import { withQuarrySettings } from './rig/quarry-settings.ts'
import { datasetBytes } from './rig/redis-load.ts'

const FEW = 1_000
const MANY = 100_000
/** The quick run has a fiftieth of them. */
const QUICK = 50
const PROMPT_BYTES = 2_000
const MEASURED_JOBS = 3_000
/** Jobs of the warm-up, until workers have the new quota. */
const FIRST_JOBS = 200
/** Longer than Quarry's lease of five minutes. */
const HELD_MS = 330_000
const LOOK_EVERY_MS = 250
const PATIENCE_MS = 120_000

const quota = (requestsPerMinute: number) => ({ quotas: [{ requestsPerMinute }] })
const NEARLY_NONE = quota(1)
const AMPLE = quota(600_000)

const waiting =
  (wanted: number, heldMs: number) =>
  async ({ id, parts, quick }: BenchRun): Promise<Figures> => {
    const count = quick ? wanted / QUICK : wanted
    const measured = quick ? MEASURED_JOBS / QUICK : MEASURED_JOBS
    const first = quick ? FIRST_JOBS / QUICK : FIRST_JOBS
    const { redis, standIn } = parts
    const jobType = `bench:${id}`
    await standIn.configure({
      quotas: [],
      faults: [],
      recordBodies: false,
      latency: { kind: 'fixed', ms: 0 },
    })
    const gateway = await startGatewayProcess()
    return withQuarrySettings({ id, redis, lanes: NEARLY_NONE }, async ({ env, tell }) => {
      const bounds = {
        QUARRY_MAX_BACKLOG: String(count),
        QUARRY_MAX_LANE_BACKLOG: String(count),
        QUARRY_MAX_BACKLOG_BYTES: String(2 ** 32),
      }
      const workers = await startWorkers('quarry', {
        jobType,
        grpcAddress: gateway.address,
        endpoint: standIn.tlsUrl,
        caFile: standIn.caFile,
        quarry: { env: { ...env, ...bounds }, processes: [[]] },
      })
      try {
        const empty = await datasetBytes(redis.url)
        const filledFrom = performance.now()
        // Both cases add as many jobs to the waiting ones as are measured.
        const jobs = { type: jobType, model: `m@${id}`, prompt: promptOf(PROMPT_BYTES) }
        await gateway.add({ ...jobs, count: count + measured + first })
        await untilAtLeast(0.99 * count, () => waitingJobs(redis.url, env['QUARRY_REDIS_PREFIX'] ?? ''))
        const fillRate = (count * 1_000) / (performance.now() - filledFrom)
        const bytes = ((await datasetBytes(redis.url)) - empty) / count
        await sleep(quick ? 0 : heldMs)
        const cpuBefore = workers.cpuSeconds()
        await tell(AMPLE)
        const rate = await rateOf(gateway, first, measured)
        const cpuAfter = workers.cpuSeconds()
        return {
          rate,
          bytes,
          leasesLost: (await gateway.counts()).leasesLost,
          fillRate,
          cpuPer1000:
            cpuBefore === null || cpuAfter === null
              ? null
              : ((cpuAfter - cpuBefore) * 1_000) / (measured + first),
        }
      } finally {
        await workers.stop()
        await gateway.stop()
      }
    })
  }

/** Waiting jobs in all lanes. */
async function waitingJobs(url: string, prefix: string): Promise<number> {
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  const keys = makeKeys(prefix)
  try {
    const lanes = await connection.zrange(`${prefix}:lanes`, '0', '-1')
    let sum = 0
    for (const lane of lanes) {
      const queue = new Queue(keys.queue(lane as LaneName), { connection, prefix: keys.prefix })
      const counts = await queue.getJobCounts()
      sum += Object.values(counts).reduce((total, count) => total + count, 0)
      await queue.close()
    }
    return sum
  } finally {
    connection.disconnect()
  }
}

/** Jobs completed a second: of the given number, after a warm-up. */
async function rateOf(gateway: GatewayProcess, first: number, measured: number): Promise<number> {
  const completed = async () => (await gateway.counts()).completed
  const before = await completed()
  await untilAtLeast(before + first, completed)
  const [from, startedAt] = [await completed(), performance.now()]
  await untilAtLeast(before + first + measured, completed)
  return (((await completed()) - from) * 1_000) / (performance.now() - startedAt)
}

/** @throws Error if the backlog does not grow for two minutes. */
async function untilAtLeast(wanted: number, look: () => Promise<number>): Promise<void> {
  let [most, movedAtMs] = [-1, Date.now()]
  for (let now = await look(); now < wanted; now = await look()) {
    if (now > most) [most, movedAtMs] = [now, Date.now()]
    if (Date.now() - movedAtMs > PATIENCE_MS) throw new Error(`It stays at ${now}, below ${wanted}.`)
    await sleep(LOOK_EVERY_MS)
  }
}

export const backlog: Bench = {
  name: 'backlog',
  title: '100,000 jobs of 2 KB that wait in one lane, and 1,000; one process, bounds raised',
  figures: {
    rate: { title: 'jobs a second, while so many wait', unit: 'perSecond' },
    cpuPer1000: { title: 'CPU of 1,000 jobs', unit: 'cpu' },
    bytes: { title: 'Redis for a job', unit: 'bytes' },
    leasesLost: { title: 'jobs whose lease ran out', unit: 'count' },
    fillRate: { title: 'taken from Zeebe', unit: 'perSecond' },
  },
  cases: [
    { name: 'few', title: '1,000 wait', run: waiting(FEW, 0) },
    { name: 'many', title: '100,000 wait', run: waiting(MANY, HELD_MS) },
  ],
  goals: (median) => [
    {
      case: 'many',
      figure: 'rate',
      atLeast: 0.9 * (median('few', 'rate') ?? 0),
      because: '0.9 of that with 1,000',
    },
    { case: 'many', figure: 'bytes', atMost: 3 * 1_024 },
    { case: 'many', figure: 'leasesLost', atMost: 0 },
  ],
  charts: ['rate'],
}
