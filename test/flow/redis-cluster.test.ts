// The main job on a Redis Cluster: three real nodes with the slots split between them.
import { randomUUID } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisCluster, startRedisCluster } from '../../embedded/redis/start-cluster.ts'
import { periodAt } from '../../src/budgets/budget.ts'
import { makeBudgetStore } from '../../src/budgets/budget-store.ts'
import { makeAuditLog } from '../../src/control/audit-log.ts'
import { makeJobControl } from '../../src/control/job-control.ts'
import { makeJobReader } from '../../src/control/job-reader.ts'
import { makeJobRecords } from '../../src/control/job-records.ts'
import { readHostPort } from '../../src/job/host-port.ts'
import { jobKey } from '../../src/job/ids.ts'
import { makeLaneLooks } from '../../src/lanes/look-lanes.ts'
import { makeBudgetWaits } from '../../src/lanes/queue/budget-waits.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { makeLeaseStore } from '../../src/ledger/lease-store.ts'
import { makeRetryRequests } from '../../src/ledger/retry-requests.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { readSamples } from './metric-samples.ts'
import { allOf, makeOutboxUnderTest, readAll } from './outbox-readers.ts'
import { callsOf, until } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

const LANES = 6
const JOBS_PER_LANE = 8

let cluster: RedisCluster
let quarry: QuarryUnderTest

beforeAll(async () => {
  cluster = await startRedisCluster(await redisSource(), QUIETLY)
  const [first = ''] = cluster.nodes
  quarry = await startQuarry({ QUARRY_REDIS_CLUSTER_NODES: first })
})
afterAll(async () => {
  await quarry?.stop()
  await cluster?.stop()
})

function open(nodes: readonly string[]): Cluster {
  const hosts = nodes.flatMap((node) => readHostPort(node, 6379) ?? [])
  const target = { place: { kind: 'cluster', nodes: hosts }, tls: null } as const
  const client = connectRedis({ target, name: 'test', onError: () => undefined })
  if (!(client instanceof Cluster)) throw new Error('Not a Cluster')
  return client
}

async function onEachNode<T>(work: (node: Redis) => Promise<T>): Promise<T[]> {
  return Promise.all(
    cluster.nodes.map(async (address) => {
      const node = new Redis(`redis://${address}`)
      return work(node).finally(() => node.disconnect())
    }),
  )
}

describe('a Redis Cluster', () => {
  it('is ready when all its masters answer, and is described', async () => {
    await until('it is ready', async () => quarry.process.ready())
    const health = await (await fetch(`${quarry.process.url}/health`)).text()
    expect(health).toMatch(/Redis \d+\.\S+, 3 masters, noeviction, persistence none/)
    const samples = readSamples(await (await fetch(`${quarry.process.url}/metrics`)).text())
    expect(samples.find(({ name }) => name === 'quarry_redis_info')).toMatchObject({
      value: 3,
      labels: { kind: 'cluster', eviction_policy: 'noeviction', persistence: 'none' },
    })
  })

  it('runs jobs of lanes and shards on different nodes, each called once', async () => {
    const models = Array.from({ length: LANES }, () => `nova@${randomUUID()}`)
    const processes = await Promise.all(
      models.map((model) => quarry.deploy({ inputs: converseInputs(model) })),
    )
    const runs = processes.flatMap((id) => Array.from({ length: JOBS_PER_LANE }, () => quarry.run(id)))
    expect(await Promise.all(runs)).toHaveLength(LANES * JOBS_PER_LANE)
    for (const model of models) expect(await callsOf(model)).toHaveLength(JOBS_PER_LANE)

    const lanes = await onEachNode((node) => node.keys(`${quarry.prefix}:{*}:meta`))
    const jobs = await onEachNode((node) => node.keys(`${quarry.prefix}:{s*}:job:*`))
    expect(lanes.flat()).toHaveLength(LANES)
    expect(lanes.filter((some) => some.length > 0).length).toBeGreaterThan(1)
    expect(jobs.flat()).toHaveLength(LANES * JOBS_PER_LANE)
    expect(jobs.every((some) => some.length > 0)).toBe(true)
  })

  it('shows where each job is, and answers a retry request', async () => {
    const keys = makeKeys(quarry.prefix)
    const redis = open(cluster.nodes)
    const queues = makeLaneQueues(redis, keys, () => undefined)
    const [records, audit] = [makeJobRecords(redis, keys), makeAuditLog(redis, keys)]
    const [looks, quotaOf] = [makeLaneLooks(redis, keys), () => ({ ...NO_QUOTA, origin: 'none' as const })]
    const reader = makeJobReader({ records, queues, looks, quotaOf, audit })
    const names = (await onEachNode((node) => node.keys(`${quarry.prefix}:{s*}:job:*`))).flat()
    const found = names.map((name) => jobKey(name.split(':').at(-1) ?? ''))
    const views = () => Promise.all(found.map((key) => reader.read(key)))
    await until('all are told to be done', async () =>
      (await views()).every((view) => view?.why === 'is done: Zeebe accepted its completion'),
    )
    const [lane] = (await views()).map((view) => view?.lane)
    expect(lane === undefined ? null : await reader.ofLane(lane, 10)).toEqual([])
    const control = makeJobControl({
      ...{ records, queues, audit, events: makeEvents(), by: 'ann@desk' },
      budgetWaits: makeBudgetWaits(redis, keys),
      requests: makeRetryRequests(redis, keys),
    })
    // It runs without Camunda's REST API.
    expect(await control.retry(jobKey('17'))).toMatchObject({ kind: 'refused' })
    await queues.close()
    await closeRedis(redis)
  })

  it('gives the depth of every lane and the backlog over all shards', async () => {
    const samples = readSamples(await (await fetch(`${quarry.process.url}/metrics`)).text())
    const waiting = samples.filter(
      ({ name, labels }) => name === 'quarry_lane_jobs' && labels['state'] === 'waiting',
    )
    expect(waiting).toHaveLength(LANES)
    const valuesOf = (of: string) => samples.filter(({ name }) => name === of).map(({ value }) => value)
    expect(valuesOf('quarry_backlog_jobs')).toEqual([0, 0])
    expect(valuesOf('quarry_lane_oldest_wait_seconds')).toEqual(Array.from({ length: LANES }, () => 0))
    expect(valuesOf('quarry_redis_memory_used_bytes')[0]).toBeGreaterThan(3 * 100_000)
  })
})

describe('the outbox on a Cluster', () => {
  it('is taken over as a whole, and its leases are extended by their node’s clock', async () => {
    const client = open(cluster.nodes)
    const readers: Cluster[] = []
    const { reader, fill, keys } = makeOutboxUnderTest(client, () => {
      const connection = open(cluster.nodes)
      readers.push(connection)
      return connection
    })
    const [dead, next] = [await reader('dead'), await reader('next')]
    const left = await Promise.all([0, 5, 9, 14].map((shard) => fill(shard, 100)))
    await readAll(dead)
    const taken = await allOf(next.takeOver(0, 4))
    expect(taken.map(({ key }) => key).sort()).toEqual(left.flat().sort())
    expect(await next.keep(taken)).toEqual([])
    expect(await dead.keep(taken)).toHaveLength(taken.length)

    const leases = makeLeaseStore(client, keys)
    for (const key of left.flat()) await client.zadd(keys.leases(keys.shardOf(key)), 0, key)
    const ended = jobKey('17')
    await leases.postpone([...left.flat(), ended], 60_000)
    expect(await leases.claim(1_000, 1_000)).toEqual([])
    expect(await client.zscore(keys.leases(keys.shardOf(ended)), ended)).toBeNull()
    await leases.postpone(left.flat(), 0)
    expect(await leases.claim(1_000, 1_000)).toHaveLength(400)
    for (const connection of [client, ...readers]) connection.disconnect()
  })
})

describe('a connection to a Cluster', () => {
  it('asks budgets on different nodes at once', async () => {
    const client = open(cluster.nodes)
    const store = makeBudgetStore(client, makeKeys(`test-${randomUUID()}`), { holdMs: 60_000 })
    const asked = Array.from({ length: 12 }, (_, index) => ({
      id: `budget-${index}`,
      periodAt: (nowMs: number) => periodAt('month', nowMs),
      limit: 10,
      amount: 10,
      least: 5,
    }))
    const given = await store.reserve(asked, 'a')
    expect(given.map(({ verdict }) => verdict)).toEqual(asked.map(() => 'go'))
    const settled = await store.settle(
      given.flatMap(({ hold }) => (hold ? [{ hold, amount: 9, limit: 10 }] : [])),
    )
    expect(settled).toEqual(asked.map(() => ({ spent: 9, passed: 80 })))
    client.disconnect()
  })

  it('ends by disconnect, and refuses later commands', async () => {
    const client = open(cluster.nodes)
    for (const key of ['a', 'b', 'c', 'd', 'e']) await client.get(key)
    const ended = new Promise((resolve) => client.once('end', resolve))
    client.disconnect()
    await ended
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(client.status).toBe('end')
    await expect(client.get('a')).rejects.toThrow()
  })

  it.each(['at once', 'later'])('ends by disconnect if no node is reachable (%s)', async (when) => {
    const client = open(['127.0.0.1:1'])
    const asked = expect(client.get('a')).rejects.toThrow()
    if (when === 'later') await new Promise((resolve) => client.once('error', resolve))
    client.disconnect()
    await asked
    expect(client.status).toBe('end')
  })

  it('can be copied, and the copy ends in the same way', async () => {
    const copy = open(['127.0.0.1:1']).duplicate()
    const asked = expect(copy.get('a')).rejects.toThrow()
    copy.disconnect()
    await asked
  })
})
