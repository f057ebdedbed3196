// Measures ways to share a lane among flows: `node bench/fair-order.ts`, on a redis-server of its own. In each round
// each way adds 5,000 jobs of 20 flows, half of weight 3 and half of weight 1, in batches as an adapter does, and then
// takes them all with a concurrency of 50 and no work; ratios are to the plain list of the same round. On a busy machine, CPU
// time is more reliable than jobs a second.
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { silentProgress, startRedis } from '../embedded/parts.ts'
import type { LaneName } from '../src/job/ids.ts'
import { type Place, turnCost } from '../src/lanes/order/fair-order.ts'
import { makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis, type RedisClient } from '../src/redis/connect.ts'
import { type Keys, makeKeys } from '../src/redis/keys.ts'
import { redisAt } from '../src/redis/redis-target.ts'
import { median } from './report/statistics.ts'

const JOBS = 5_000
const BATCH = 100
const FLOWS = 20
const AT_ONCE = 50
const ROUNDS = 8
const LANE = 'default@eu-central-1@m' as LaneName
const PAYLOAD = 'x'.repeat(1_000)
const DONE = { removeOnComplete: true, removeOnFail: true }

interface Job {
  readonly id: string
  readonly place: Place
  readonly heavy: boolean
}

/** All flows come at the same rate. */
const jobs: readonly Job[] = Array.from({ length: JOBS }, (_, index) => {
  const heavy = index % 2 === 0
  const flow = `<default> process-${index % FLOWS} x1`
  const place = { tenant: '<default>', flow, cost: turnCost(heavy ? 3 : 1), tenantCost: turnCost(1) }
  return { id: `z-${2_251_799_813_685_249 + index}-1`, place, heavy }
})
const heavyIds = new Set(jobs.filter(({ heavy }) => heavy).map(({ id }) => id))

interface Way {
  readonly name: string
  add(batch: readonly Job[]): Promise<unknown>
  /** Takes all jobs, and reports each one. */
  take(taken: (id: string) => void): Promise<void>
  close(): Promise<unknown>
}

interface Figures {
  /** Jobs a second. */
  readonly added: number
  readonly taken: number
  /** CPU time of Redis and of this process for a job, from being added to having been taken, µs. */
  readonly redisCpu: number
  readonly ownCpu: number
  /** Bytes of Redis for a waiting job. */
  readonly bytes: number
  /** Jobs of weight 3 for one of weight 1, in the first half of what was taken. */
  readonly share: number
}

/** One queue, taken from by BullMQ's own loop. */
function oneQueue(
  redis: RedisClient,
  keys: Keys,
  name: string,
  add: (queue: Queue, batch: readonly Job[]) => Promise<unknown>,
): Way {
  const options = { connection: redis, prefix: keys.prefix }
  const queue = new Queue(keys.queue(LANE), options)
  return {
    name,
    add: (batch) => add(queue, batch),
    async take(taken) {
      const { promise, resolve } = Promise.withResolvers<void>()
      let left = JOBS
      const take = async ({ id = '' }: { id?: string | undefined }) => taken(id)
      const worker = new Worker(keys.queue(LANE), take, { ...options, concurrency: AT_ONCE })
      worker.on('completed', () => {
        left -= 1
        if (left === 0) resolve()
      })
      await promise
      await worker.close()
    },
    close: () => queue.close(),
  }
}

const plainList = (redis: RedisClient, keys: Keys) =>
  oneQueue(redis, keys, '(a) plain list', (queue, batch) =>
    queue.addBulk(
      batch.map(({ id }) => ({ name: 'call', data: { payload: PAYLOAD }, opts: { jobId: id, ...DONE } })),
    ),
  )

const priorities = (redis: RedisClient, keys: Keys) =>
  oneQueue(redis, keys, '(b) priority by weight', (queue, batch) =>
    queue.addBulk(
      batch.map(({ id, heavy }) => ({
        name: 'call',
        data: { payload: PAYLOAD },
        opts: { jobId: id, priority: heavy ? 1 : 3, ...DONE },
      })),
    ),
  )

function fairOrder(redis: RedisClient, keys: Keys): Way {
  const lanes = makeLaneQueues(redis, keys, console.error)
  return oneQueue(redis, keys, '(c) fair order', (_queue, batch) =>
    lanes.add(
      LANE,
      batch.map(({ id, place }) => ({ id, place, payload: PAYLOAD, waited: false })),
    ),
  )
}

/** A queue for each flow; this process alone chooses the next one, without Redis. */
function subQueues(redis: RedisClient, keys: Keys): Way {
  const options = { connection: redis, prefix: keys.prefix }
  const names = [...new Set(jobs.map(({ place }) => place.flow))]
  const nameOf = (flow: string) => `{default@m ${names.indexOf(flow)}}`
  const queues = new Map(names.map((flow) => [flow, new Queue(nameOf(flow), options)]))
  return {
    name: '(d) a queue for each flow',
    add: (batch) =>
      Promise.all(
        [...Map.groupBy(batch, ({ place }) => place.flow)].map(([flow, some]) =>
          queues.get(flow)?.addBulk(
            some.map(({ id }) => ({
              name: 'call',
              data: { payload: PAYLOAD },
              opts: { jobId: id, ...DONE },
            })),
          ),
        ),
      ),
    async take(taken) {
      const workers = new Map(names.map((flow) => [flow, new Worker(nameOf(flow), null, options)]))
      const turns = new Map(jobs.map(({ place }) => [place.flow, place.cost]))
      const due = new Map(names.map((flow) => [flow, 0]))
      const takeNext = async (token: string): Promise<void> => {
        for (;;) {
          const [next] = [...due].sort(([, one], [, other]) => one - other)
          if (next === undefined) return
          const [flow, at] = next
          due.set(flow, at + (turns.get(flow) ?? 0))
          const job = await workers.get(flow)?.getNextJob(token, { block: false })
          if (job === undefined) {
            due.delete(flow)
            continue
          }
          taken(job.id ?? '')
          await job.moveToCompleted(null, token, false)
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => takeNext(`t${index}`)))
      await Promise.all([...workers.values()].map((worker) => worker.close()))
    },
    close: () => Promise.all([...queues.values()].map((queue) => queue.close())),
  }
}

async function measure(
  url: string,
  make: (redis: RedisClient, keys: Keys) => Way,
): Promise<Figures & { name: string }> {
  const redis = connectRedis({ target: redisAt(url), name: 'bench', onError: console.error })
  const admin = new Redis(url)
  await admin.flushall()
  const used = async () => Number(/used_memory_dataset:(\d+)/.exec(await admin.info('memory'))?.[1])
  const redisCpu = async () =>
    [...(await admin.info('cpu')).matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)].reduce(
      (sum, [, seconds]) => sum + Number(seconds) * 1e6,
      0,
    )
  const way = make(redis, makeKeys('bench'))
  const cpuFrom = { redis: await redisCpu(), own: process.cpuUsage() }
  const before = await used()
  const addedFrom = performance.now()
  for (let from = 0; from < JOBS; from += BATCH) await way.add(jobs.slice(from, from + BATCH))
  const addedMs = performance.now() - addedFrom
  const bytes = ((await used()) - before) / JOBS
  const taken: string[] = []
  const takenFrom = performance.now()
  await way.take((id) => taken.push(id))
  const takenMs = performance.now() - takenFrom
  const own = process.cpuUsage(cpuFrom.own)
  const redisCpuPerJob = ((await redisCpu()) - cpuFrom.redis) / JOBS
  const half = taken.slice(0, JOBS / 2)
  const heavy = half.filter((id) => heavyIds.has(id)).length
  await way.close()
  await closeRedis(redis)
  admin.disconnect()
  const perSecond = (ms: number) => JOBS / (ms / 1_000)
  return {
    name: way.name,
    added: perSecond(addedMs),
    taken: perSecond(takenMs),
    redisCpu: redisCpuPerJob,
    ownCpu: (own.user + own.system) / JOBS,
    bytes,
    share: heavy / (half.length - heavy),
  }
}

const WAYS = [plainList, priorities, fairOrder, subQueues]
const redis = await startRedis({ env: process.env, progress: silentProgress })
for (const make of WAYS) await measure(redis.url, make)
const rounds: (Figures & { name: string })[][] = []
for (let round = 0; round < ROUNDS; round += 1) {
  const figures: (Figures & { name: string })[] = []
  // Each way is first, second, … in turn.
  for (let place = 0; place < WAYS.length; place += 1) {
    const way = (round + place) % WAYS.length
    const make = WAYS[way]
    if (make !== undefined) figures[way] = await measure(redis.url, make)
  }
  rounds.push(figures)
}
const asked = new Redis(redis.url)
const [, version] = /redis_version:(\S+)/.exec(await asked.info()) ?? []
asked.disconnect()
console.log(`Redis ${version}, Node ${process.versions.node}`)
console.log(
  'way | added/s | to (a) | taken/s | to (a) | CPU of Redis | of the client | both to (a) | bytes | weight 3 to weight 1',
)
WAYS.forEach((_, way) => {
  const of = (figure: (one: Figures, plain: Figures) => number) =>
    median(rounds.map((round) => figure(round[way] as Figures, round[0] as Figures))) ?? 0
  const columns = [
    of(({ added }) => added).toFixed(0),
    of(({ added }, plain) => added / plain.added).toFixed(2),
    of(({ taken }) => taken).toFixed(0),
    of(({ taken }, plain) => taken / plain.taken).toFixed(2),
    of(({ redisCpu }) => redisCpu).toFixed(0),
    of(({ ownCpu }) => ownCpu).toFixed(0),
    of((one, plain) => (one.redisCpu + one.ownCpu) / (plain.redisCpu + plain.ownCpu)).toFixed(2),
    of(({ bytes }) => bytes).toFixed(0),
    of(({ share }) => share).toFixed(2),
  ]
  console.log([rounds[0]?.[way]?.name, ...columns].join(' | '))
})
await redis.stop()
