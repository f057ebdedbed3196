// An upgrade with jobs in lanes whose account is a pseudonym of the access key, made with a key that was in Redis: the last version that
// named them so put these jobs there (recordings/pseudonym-lanes.json, as commands: all that it left in a real Redis but what had
// a minute to live). One had been called, and its lane has a pace; the others wait.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { type JobKey, jobKey, type LaneName } from '../../src/job/ids.ts'
import { parseLaneName } from '../../src/job/lane.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { closeRedis, connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { until } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'
import recording from './recordings/pseudonym-lanes.json' with { type: 'json' }

const JOBS = recording.jobs.map(jobKey)
let [gateway, sim, redis, keys] = [] as unknown as [FakeGateway, Sim, RedisClient, Keys]
let env: Record<string, string>
const stops: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  ;[gateway, sim] = await Promise.all([
    startFakeGateway(),
    startSim({ accounts: { AKIAENVDEFAULT: '111122223333' } }),
  ])
  stops.push(() => gateway.stop(), sim.stop)
  env = testEnvironment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
    AWS_ENDPOINT_URL_STS: sim.tlsUrl,
    AWS_CA_BUNDLE: sim.caFile,
  })
  keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
  redis = connectRedis({ target: redisAt(env['REDIS_URL'] ?? ''), name: 'test', onError: () => undefined })
  stops.push(() => closeRedis(redis))
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** What was recorded, under the prefix of this test and as if it was now. */
async function restore(): Promise<void> {
  const laterMs = Date.now() - recording.atMs
  const now = (text: string): string =>
    text
      .replaceAll(recording.prefix, keys.prefix)
      .replace(/\b\d{13}\b/g, (at) =>
        Math.abs(Number(at) - recording.atMs) < 3_600_000 ? String(Number(at) + laterMs) : at,
      )
  const pipeline = redis.pipeline()
  for (const [command, ...args] of recording.commands)
    pipeline.call(String(command), ...args.map((each) => now(String(each))))
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
}

/** The jobs as Zeebe has them: of those that wait, three are handed out again, and the leases of the others go on. */
function addJobs(jobType: string): void {
  const models = ['one', 'one', 'one', 'two', 'one', 'one']
  const added = models.map((modelId, index) => {
    const accessKey = index < 4 ? 'AKIAOLDONE' : 'AKIAOLDTWO'
    return gateway.addJob({
      type: index === 0 || index > 3 ? `leased-${jobType}` : jobType,
      variables: {
        authentication: JSON.stringify({
          type: 'credentials',
          accessKey,
          secretKey: `secret of ${accessKey}`,
        }),
        configuration: '{"region":"eu-west-1"}',
        action: '"converse"',
        data: JSON.stringify({ modelId, newMessage: `Hello ${index}` }),
      },
      customHeaders: { resultVariable: 'answer' },
    })
  })
  expect(added.slice(1)).toEqual(JOBS)
}

const calls = (): number => sim.stats().requests
const lanes = async (): Promise<LaneName[]> => (await redis.zrange(keys.lanes, '0', '-1')) as LaneName[]
const ended = (job: JobKey): boolean => gateway.job(job).state === 'completed'

it.each([
  ['sts', /^123456789012$/],
  ['keys', /^key-\w{12}$/],
])(
  'all jobs in lanes of an earlier version’s pseudonyms are called once, and the lanes are forgotten (accounts by %s)',
  async (by, account) => {
    await restore()
    const before = await lanes()
    expect(
      before.map((lane) => parseLaneName(lane).account).every((name) => /^[0-9a-f]{10}$/.test(name)),
    ).toBe(true)
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
    const { settings } = loadSettings({ env: { ...env, QUARRY_AWS_ACCOUNTS: by } })
    addJobs(settings.jobType)
    const quarry = await startRoles(settings)
    stops.push(() => quarry.stop())
    const calledIn = new Set<string>()
    quarry.events.on('calling', ({ lane }) => calledIn.add(parseLaneName(lane as LaneName).account))
    await until('all are done', async () => JOBS.every(ended))
    expect(calls()).toBe(JOBS.length)
    expect([...calledIn].filter((name) => !account.test(name))).toEqual([])
    const registry = makeLaneRegistry(redis, keys)
    await until('the lanes of before are forgotten', async () => {
      for (const lane of await registry.list()) if (before.includes(lane.name)) await registry.forget(lane)
      return (await lanes()).every((lane) => !before.includes(lane))
    })
    const left = (await Promise.all(before.map((lane) => redis.keys(`${keys.prefix}:{${lane}}:*`)))).flat()
    const lasting = await Promise.all(left.map(async (key) => [key, await redis.pttl(key)] as const))
    expect(lasting.filter(([, ttl]) => ttl < 0)).toEqual([])
  },
)
