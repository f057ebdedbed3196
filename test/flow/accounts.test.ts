// Lanes are of AWS accounts: whatever keys a diagram names, the calls of one account share one pace, and who has a key's name but
// not its secret gets near none of it. With a stand-in of its own, which knows whose keys are.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import type { JobKey, LaneName } from '../../src/job/ids.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { startTcpProxy } from '../chaos/tcp-proxy.ts'
import { makeLanesFile } from './lanes-file.ts'
import { until } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'

const SECRETS = { AKIAENVDEFAULT: 'envsecret', AKIAFIRST: 'first', AKIASECOND: 'second', AKIASAME: 'same' }
const OWN = '111122223333'
let gateway: FakeGateway
let sim: Sim
let quarry: RunningProcess
let jobType: string
let lanes: Record<string, number>
let moves: number
const stops: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  const accounts = { AKIAENVDEFAULT: OWN, AKIASAME: OWN }
  ;[gateway, sim] = await Promise.all([startFakeGateway(), startSim({ credentials: SECRETS, accounts })])
  stops.push(() => gateway.stop(), sim.stop)
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(overrides: Record<string, string> = {}): Promise<void> {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  const env = testEnvironment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
    AWS_ENDPOINT_URL_STS: sim.tlsUrl,
    AWS_CA_BUNDLE: sim.caFile,
    ...overrides,
  })
  const { settings } = loadSettings({ env })
  jobType = settings.jobType
  quarry = await startRoles(settings)
  stops.push(() => quarry.stop())
  lanes = {}
  moves = 0
  quarry.events.on('calling', ({ lane }) => {
    const [account = ''] = lane.split('@')
    lanes[account] = (lanes[account] ?? 0) + 1
  })
  quarry.events.on('moved', () => {
    moves += 1
  })
}

function addJob(model: string, accessKey: string | null, secretKey = ''): JobKey {
  const authentication =
    accessKey === null
      ? { type: 'defaultCredentialsChain' }
      : { type: 'credentials', accessKey, secretKey: secretKey || SECRETS[accessKey as keyof typeof SECRETS] }
  return gateway.addJob({
    type: jobType,
    retries: 1,
    variables: {
      authentication: JSON.stringify(authentication),
      configuration: '{"region":"eu-west-1"}',
      action: '"converse"',
      data: JSON.stringify({ modelId: model, newMessage: 'Hello there' }),
    },
    customHeaders: { resultVariable: 'answer' },
  })
}

/** Until the keys' account is known to workers and adapters, so that what comes then needs no move. */
async function known(...accessKeys: string[]): Promise<void> {
  await until('the account of the keys is known', async () => {
    const model = `known@${randomUUID()}`
    lanes = {}
    moves = 0
    await Promise.all(accessKeys.map((key) => gateway.ended(addJob(model, key))))
    return moves === 0 && Object.keys(lanes).every((account) => !account.startsWith('key-'))
  })
  lanes = {}
}

describe('keys of one AWS account', () => {
  it('share its lane, also with Quarry’s own credentials', async () => {
    await start()
    await known('AKIASAME', 'AKIAFIRST', 'AKIASECOND')
    const model = `shared@${randomUUID()}`
    const jobs = [null, 'AKIASAME', 'AKIAFIRST', 'AKIASECOND'].map((key) => addJob(model, key))
    await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(lanes).toEqual({ default: 2, '123456789012': 2 })
    expect(moves).toBe(0)
  })

  it('are sent no more calls together than their lane may send', async () => {
    await start({ QUARRY_DEFAULT_RPM: '60' })
    await known('AKIAFIRST', 'AKIASECOND')
    const model = `paced@${randomUUID()}`
    const startedAt = Date.now()
    const jobs = ['AKIAFIRST', 'AKIASECOND'].flatMap((key) =>
      Array.from({ length: 4 }, () => addJob(model, key)),
    )
    await Promise.all(jobs.map((job) => gateway.ended(job)))
    const seconds = (Date.now() - startedAt) / 1_000
    expect(lanes).toEqual({ '123456789012': 8 })
    // One at once, then one a second: two lanes would have taken half as long.
    expect(seconds).toBeGreaterThan(6)
  })
})

describe('a key with a wrong secret', () => {
  it('is called without taking any pace of the account that owns the key', async () => {
    await start({ QUARRY_DEFAULT_RPM: '600' })
    const model = `attacked@${randomUUID()}`
    await known('AKIAFIRST')
    const wrong = Array.from({ length: 100 }, () => addJob(model, 'AKIAFIRST', 'guessed'))
    const right = Array.from({ length: 30 }, () => addJob(model, 'AKIAFIRST'))
    await Promise.all(right.map((job) => gateway.ended(job)))
    await until('all others have failed', async () =>
      wrong.every((job) => gateway.job(job).state === 'failed'),
    )
    expect(gateway.job(wrong[0] as JobKey).errorMessage).toMatch(/Status Code: 403/)
    const { '123456789012': theirs, ...apart } = lanes
    expect(theirs).toBe(30)
    expect(Object.values(apart).reduce((sum, calls) => sum + calls, 0)).toBe(100)
    expect(apart['unproven']).toBeGreaterThan(0)
  })

  it.each(['keys', 'sts'])(
    'delays no call of others while AWS is slow to refuse it (accounts by %s)',
    async (by) => {
      const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(sim.tlsUrl).port) })
      stops.push(async () => proxy.close())
      const url = `https://localhost:${proxy.port}`
      // One turn and one fetch in five seconds.
      await start({
        QUARRY_DEFAULT_RPM: '12',
        QUARRY_AWS_ACCOUNTS: by,
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url,
        AWS_ENDPOINT_URL_STS: url,
      })
      await gateway.ended(addJob(`proven@${randomUUID()}`, 'AKIAFIRST'))
      if (by === 'sts') await known('AKIAFIRST')
      proxy.delay(1_500)
      const model = `slow@${randomUUID()}`
      const wrong = Array.from({ length: 6 }, () => addJob(model, 'AKIAFIRST', `guessed ${randomUUID()}`))
      const right = addJob(model, 'AKIAFIRST')
      const seen: string[] = []
      const note = (name: string, jobKey: string) => void seen.push(jobKey === right ? `${name} it` : name)
      quarry.events.on('calling', ({ jobKey }) => note('calling', jobKey))
      quarry.events.on('called', ({ jobKey }) => note('called', jobKey))
      quarry.events.on('moved', ({ jobKey }) => note('moved', jobKey))
      await until('it is called', async () => seen.includes('calling it'))
      expect(seen.slice(0, seen.indexOf('calling it')).filter((name) => name !== 'calling')).toEqual([])
      proxy.delay(0)
      await gateway.ended(right)
      await until('all others have failed', async () =>
        wrong.every((job) => gateway.job(job).state === 'failed'),
      )
    },
  )

  it('takes no pace and no turns of others when accounts are not looked up at AWS', async () => {
    await start({ QUARRY_AWS_ACCOUNTS: 'keys', QUARRY_DEFAULT_RPM: '60' })
    const model = `unasked@${randomUUID()}`
    const wrong = Array.from({ length: 100 }, () => addJob(model, 'AKIAFIRST', 'guessed'))
    await until('the first have failed', async () => gateway.job(wrong[0] as JobKey).state === 'failed')
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 3 }, () => gateway.ended(addJob(model, 'AKIAFIRST'))))
    expect(Object.keys(lanes)).toHaveLength(1)
    // At the pace of the lane those that are refused would have taken a hundred seconds.
    expect(performance.now() - startedAt).toBeLessThan(60_000)
  })
})

it('an operator can map keys to accounts and name accounts when AWS cannot be asked', async () => {
  const account = '{ id: "444455556666", name: payments, accessKeys: [AKIAFIRST, AKIASECOND] }'
  const quota = '{ account: payments, requestsPerMinute: 6000 }'
  const file = await makeLanesFile(`accounts:\n  - ${account}\nquotas:\n  - ${quota}\n`)
  stops.push(file.remove)
  await start({ QUARRY_LANES_FILE: file.path, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' })
  const model = `said@${randomUUID()}`
  const accepted: LaneName[] = []
  quarry.events.on('accepted', ({ lane }) => accepted.push(lane))
  await Promise.all(['AKIAFIRST', 'AKIASECOND'].map((key) => gateway.ended(addJob(model, key))))
  expect(lanes).toEqual({ '444455556666': 2 })
  expect(accepted.map((lane) => lane.split('@')[0])).toEqual(['444455556666', '444455556666'])
  expect(moves).toBe(0)
})
