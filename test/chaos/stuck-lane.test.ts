// More jobs than the backlog takes: of a lane that stands still, which must starve nobody; and of a lane that moves, where
// old ones come first.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeAwayStore } from '../../src/lanes/away/away-store.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { type HeldBy, makeJobStore } from '../../src/ledger/job-store.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { bedrockProcess } from '../flow/bedrock-process.ts'
import { readSamples } from '../flow/metric-samples.ts'
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

/** Lanes of a scenario, by their models, and how many of their jobs Quarry knows of: in the lane, or back with Zeebe. */
function lanesOf(test: TestEnd, { prefix }: Scenario, models: readonly string[]) {
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  test.onTestFinished(() => closeRedis(redis))
  const keys = makeKeys(prefix)
  const queues = makeLaneQueues(redis, keys, () => undefined)
  test.onTestFinished(queues.close)
  const away = makeAwayStore(redis, keys)
  return models.map((model) => {
    const name = laneName({ account: 'default', region: 'eu-west-1', model })
    const queue = queues.of(name)
    return {
      pause: () => queue.pause(),
      resume: () => queue.resume(),
      async known() {
        const counts = await queue.getJobCounts('waiting', 'prioritized')
        const inLane = Object.values(counts).reduce((sum, count) => sum + count, 0)
        return { inLane, away: (await away.look({ lane: name, of: '' })).away }
      },
    }
  })
}

/** Starts instances that each have thousands of jobs: of a lane of a region, by its model. */
async function floods(test: TestEnd, { jobType, prefix }: Scenario, region: string) {
  const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
  test.onTestFinished(() => processes.close())
  const inputs = converseInputs('=model', { 'configuration.region': region })
  return async (model: string, jobs: number): Promise<void> => {
    const bpmnProcessId = `flood-${prefix}-${jobs}`
    const content = bedrockProcess({ id: bpmnProcessId, jobType, inputs, times: jobs })
    await processes.deploy([{ name: `${bpmnProcessId}.bpmn`, content }])
    await processes.createInstance({ bpmnProcessId, variables: JSON.stringify({ model }) })
  }
}

/** What adapters have done: jobs that they activated, and those that lanes gave back. */
async function workOf({ fleet }: Scenario): Promise<{ activated: number; givenBack: number }> {
  const texts = await Promise.all(fleet.running().map(({ quarry }) => quarry.get('/metrics')))
  const samples = texts.flatMap(({ text }) => readSamples(text))
  const sum = (name: string, reason?: string): number =>
    samples
      .filter((sample) => sample.name === name && sample.labels['reason'] === reason)
      .reduce((total, { value }) => total + value, 0)
  return {
    activated: sum('quarry_jobs_activated_total'),
    givenBack: sum('quarry_jobs_returned_total', 'laneExcess'),
  }
}

/** Less than the lanes have jobs: the default would take ten times as many instances. */
const LITTLE_ROOM = { QUARRY_MAX_BACKLOG: '2000' }

it('two paused lanes with 2,000 jobs each starve no other lane, and none of their jobs is leased without being read', async (test) => {
  const scenario = await startScenario(test, { places: { bedrock: 1 }, env: LITTLE_ROOM, sim: quick })
  const { fleet, standIn, instances } = scenario
  const models = ['one', 'other'].map((name) => `${name}-${instances.model}`)
  const lanes = lanesOf(test, scenario, models)
  const flood = await floods(test, scenario, 'eu-west-1')
  const called = () => standIn.calls().filter(({ model }) => models.includes(model)).length
  const known = async () => Promise.all(lanes.map((lane) => lane.known()))
  for (const lane of lanes) await lane.pause()
  const [early, late] = [scaled(1_500, 1_000), scaled(500, 300)]
  for (const model of models) await flood(model, early)
  await fleet.scale('adapter', 1)
  await waitFor('the lanes have their share', async () =>
    (await known()).every(({ inLane, away }) => inLane >= 500 && away > 0),
  )
  for (const model of models) await flood(model, late)
  const freeAt = performance.now()
  await instances.start(50)
  const startedIn = seconds(freeAt)
  await waitFor('the free lane is done', async () => (await instances.count()).completed >= 50)
  const freeSeconds = seconds(freeAt)
  const { activated, givenBack } = await workOf(scenario)
  const calledWhilePaused = called()
  // One that lay unread in a stream would be known to nobody for the five minutes of its lease.
  await waitFor('each job is in its lane, or back with Zeebe', async () =>
    (await known()).every(({ inLane, away }) => inLane + away >= early + late),
  )
  const told = fleet
    .running()
    .flatMap(({ quarry }) => quarry.log.filter(({ level, lane }) => level >= WARNING && lane !== undefined))
  for (const lane of lanes) await lane.resume()
  await waitFor('those come that were back with Zeebe', () => called() > 1_400)
  printTally('two paused lanes', await tally(instances, standIn), {
    'jobs of each': early + late,
    'seconds until 50 jobs of a free lane were started': startedIn,
    'seconds until they were done': freeSeconds,
    'jobs that were activated by then': activated,
    'jobs that the lanes gave back by then': givenBack,
  })
  expect(fleet.crashes).toEqual([])
  expect(calledWhilePaused).toBe(0)
  expect(activated).toBeLessThan(2 * (2 * (early + late) + 50))
  const msg = 'jobs of a lane go back to Zeebe until it has room'
  expect(told).toMatchObject([
    { msg, why: 'paused' },
    { msg, why: 'paused' },
  ])
})

it('ten lanes that nobody serves, one after the other, each with more jobs than it may hold, leave others their room', async (test) => {
  const scenario = await startScenario(test, {
    places: { 'adapter,bedrock': 1 },
    env: { ...LITTLE_ROOM, QUARRY_REGIONS: 'eu-west-1' },
    sim: quick,
  })
  const { fleet, standIn, instances, prefix } = scenario
  const store = storeOf(test, prefix)
  const each = scaled(600, 250)
  const flood = await floods(test, scenario, 'eu-north-1')
  const heldOf = (held: readonly HeldBy[], model: string) =>
    held.filter(({ lane }) => lane.endsWith(model)).reduce((sum, { jobs }) => sum + jobs, 0)
  const stuckAt = performance.now()
  for (let index = 0; index < 10; index += 1) {
    const model = `stuck-${index}`
    await flood(model, each)
    const share = Math.min(each, 1_000 / (index + 2))
    await waitFor(`lane ${index} has a share`, async () => heldOf(await store.heldBy(), model) >= share / 2)
  }
  const stuckSeconds = seconds(stuckAt)
  const freeAt = performance.now()
  await instances.start(50)
  await waitFor('the free lane is done', async () => (await instances.count()).completed >= 50)
  const freeSeconds = seconds(freeAt)
  const { activated, givenBack } = await workOf(scenario)
  const held = (await store.heldBy()).map(({ jobs }) => jobs)
  printTally('ten lanes that nobody serves', await tally(instances, standIn), {
    'jobs of each': each,
    'seconds until all ten stood still': stuckSeconds,
    'seconds until 50 jobs of a free lane were done': freeSeconds,
    'jobs that the lanes hold': held.join(' '),
    'jobs that were activated by then': activated,
    'jobs that the lanes gave back by then': givenBack,
  })
  expect(fleet.crashes).toEqual([])
  expect(held.reduce((sum, jobs) => sum + jobs, 0)).toBeLessThan(1_960)
  expect(activated).toBeLessThan(2 * (10 * each + 50))
  // They give back 2,200 in all as they become even, one after the other; lanes that took it again would do so for ever.
  expect(givenBack).toBeLessThan(4_400)
})

it('jobs that waited in Zeebe longer are called first, at the pace of the quota', async (test) => {
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
