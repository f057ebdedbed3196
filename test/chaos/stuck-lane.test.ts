// More jobs than the backlog takes: of a lane that stands still, which must starve nobody; and of a lane that moves, where
// old ones come first.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { makeLaneQueueHandles } from '../../src/control/lane-queue-handles.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeAwayStore } from '../../src/redis/away-store.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type HeldBy, makeJobStore } from '../../src/redis/job-store.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { bedrockProcess } from '../flow/bedrock-process.ts'
import { WARNING } from '../flow/quarry-process.ts'
import { converseInputs } from '../flow/quarry-under-test.ts'
import { type Scenario, startScenario, type TestEnd } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const quick = { latency: { kind: 'lognormal', medianMs: 20, sigma: 0.2 } } as const
const seconds = (sinceMs: number) => Math.round((performance.now() - sinceMs) / 100) / 10

function storeOf(test: TestEnd, prefix: string) {
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  test.onTestFinished(() => closeRedis(redis))
  return makeJobStore(redis, makeKeys(prefix))
}

/** The lane of a scenario, and how many of its jobs Quarry knows of: in the lane, or back with Zeebe. */
function laneOf(test: TestEnd, { prefix, instances }: Scenario) {
  const name = laneName({ account: 'default', region: 'eu-west-1', model: instances.model })
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  test.onTestFinished(() => closeRedis(redis))
  const keys = makeKeys(prefix)
  const queues = makeLaneQueueHandles(redis, keys, () => undefined)
  test.onTestFinished(queues.close)
  const away = makeAwayStore(redis, keys)
  return {
    queue: queues.of(name),
    async known() {
      const counts = await queues.of(name).getJobCounts('waiting', 'prioritized')
      const inLane = Object.values(counts).reduce((sum, count) => sum + count, 0)
      return { inLane, away: (await away.look({ lane: name, of: '' })).away }
    },
  }
}

it('a paused lane with 4,000 jobs starves no other one, and none of its jobs lies leased and unread', async (test) => {
  const scenario = await startScenario(test, { places: { bedrock: 1 }, sim: quick })
  const { fleet, standIn, instances, deploy } = scenario
  const { queue, known } = laneOf(test, scenario)
  const free = await deploy({ model: `free-${instances.model}` })
  await queue.pause()
  await instances.start(scaled(3_500, 2_200))
  await fleet.scale('adapter', 1)
  await waitFor('the lane has its share', async () => (await known()).inLane >= 1_000)
  await instances.start(scaled(500, 300))
  const freeAt = performance.now()
  await free.start(50)
  const startedIn = seconds(freeAt)
  await waitFor('the free lane is done', async () => (await free.count()).completed >= 50)
  const freeSeconds = seconds(freeAt)
  const { started, completed } = await instances.count()
  // One that lay unread in a stream would be known to nobody for the five minutes of its lease.
  await waitFor('each job is in its lane, or back with Zeebe', async () => {
    const { inLane, away } = await known()
    return inLane + away >= started
  })
  const told = fleet
    .running()
    .flatMap(({ quarry }) => quarry.log.filter(({ level, lane }) => level >= WARNING && lane !== undefined))
  await queue.resume()
  await waitFor(
    'those come that were back with Zeebe',
    async () => (await instances.count()).completed > 1_200,
  )
  printTally('a paused lane with 4,000 jobs', await tally(instances, standIn), {
    'seconds until 50 jobs of a free lane were started': startedIn,
    'seconds until they were done': freeSeconds,
  })
  expect(fleet.crashes).toEqual([])
  expect(completed).toBe(0)
  expect(told).toMatchObject([
    { msg: 'jobs of a lane go back to Zeebe, until it has room for them', why: 'paused' },
  ])
})

it('ten lanes that nobody serves, one after the other, each with more jobs than it may hold, leave others their room', async (test) => {
  const { fleet, standIn, instances, jobType, prefix } = await startScenario(test, {
    places: { 'adapter,bedrock': 1 },
    env: { QUARRY_REGIONS: 'eu-west-1' },
    sim: quick,
  })
  const store = storeOf(test, prefix)
  const each = 250
  const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
  test.onTestFinished(() => processes.close())
  const inputs = converseInputs('=model', { 'configuration.region': 'eu-north-1' })
  const content = bedrockProcess({ id: `stuck-${prefix}`, jobType, inputs, times: each })
  await processes.deploy([{ name: 'stuck.bpmn', content }])
  const heldOf = (held: readonly HeldBy[], model: string) =>
    held.filter(({ lane }) => lane.endsWith(model)).reduce((sum, { jobs }) => sum + jobs, 0)
  const stuckAt = performance.now()
  for (let index = 0; index < 10; index += 1) {
    const model = `stuck-${index}`
    const variables = JSON.stringify({ model })
    await processes.createInstance({ bpmnProcessId: `stuck-${prefix}`, variables })
    const share = Math.min(each, 1_000 / (index + 2))
    await waitFor(`lane ${index} has a share`, async () => heldOf(await store.heldBy(), model) >= share / 2)
  }
  const stuckSeconds = seconds(stuckAt)
  const freeAt = performance.now()
  await instances.start(50)
  await waitFor('the free lane is done', async () => (await instances.count()).completed >= 50)
  const freeSeconds = seconds(freeAt)
  const held = (await store.heldBy()).map(({ jobs }) => jobs)
  printTally('ten lanes that nobody serves', await tally(instances, standIn), {
    'jobs of each': each,
    'seconds until all ten stood still': stuckSeconds,
    'seconds until 50 jobs of a free lane were done': freeSeconds,
    'jobs that the lanes hold': held.join(' '),
  })
  expect(fleet.crashes).toEqual([])
  expect(held.reduce((sum, jobs) => sum + jobs, 0)).toBeLessThan(1_960)
})

it('what waited in Zeebe before is called before what came later, at the pace of the quota', async (test) => {
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { bedrock: 1 },
    env: { QUARRY_DEFAULT_RPM: '1200', QUARRY_MAX_BACKLOG: '200' },
    sim: quick,
  })
  await instances.start(scaled(600, 400))
  const { started } = await instances.count()
  const isOld = (job: string) => Number(/\d+/.exec(job)?.[0]) <= started
  const calls = () => standIn.calls().filter(({ model }) => model === instances.model)
  await fleet.scale('adapter', 2)
  const startedAt = performance.now()
  const coming = new AbortController()
  const newOnes = (async () => {
    while (!coming.signal.aborted) await Promise.all([instances.start(10), sleep(1_000)])
  })()
  const oldCalled = () => calls().filter(({ job }) => isOld(job)).length
  await waitFor('all old ones are called', () => oldCalled() >= started, 150_000)
  const lastOldSeconds = seconds(startedAt)
  coming.abort()
  await newOnes
  const jobs = calls().map(({ job }) => job)
  const before = jobs.slice(0, jobs.findLastIndex(isOld)).filter((job) => !isOld(job)).length
  const came = (await instances.count()).started - started
  printTally('oldest first after an outage', await tally(instances, standIn), {
    'old ones': started,
    'new ones': came,
    'of these before the last old one': before,
    'seconds until the last old one': lastOldSeconds,
  })
  expect(fleet.crashes).toEqual([])
  expect(before / came).toBeLessThanOrEqual(0.05)
})
