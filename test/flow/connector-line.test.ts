// The line of the stock connector that an installation follows: taken from the gateway, the same in all processes, kept, and carried by
// each job.
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest'
import { type ConnectorLine, makeConnectorLine } from '../../src/ledger/agreed-line.ts'
import { type AgreedLine, agreedIn, makeLineStore } from '../../src/ledger/stored-line.ts'
import { makePayloadCodec, payloadKey } from '../../src/payload/payload-codec.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { lineSeal } from '../../workers/connector-line.ts'
import { callsOf, environment, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, makeProcessesUnderTest } from './quarry-under-test.ts'

const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const toStop: (() => Promise<unknown>)[] = []

afterEach(async () => {
  while (toStop.length > 0) await toStop.pop()?.()
})
afterAll(() => closeRedis(redis))

const newKeys = (): Keys => makeKeys(`test-line-${randomUUID()}`)

/** Of an installation without a payload key, and of one with a key. */
const OPEN = lineSeal(makePayloadCodec())
const sealedBy = (key: string) => lineSeal(makePayloadCodec([payloadKey(key)]))
const read = async (keys: Keys, seal = OPEN) => agreedIn(await makeLineStore(redis, keys, seal).read())
const newKey = () => randomBytes(32).toString('base64')

interface Follower extends ConnectorLine {
  readonly known: AgreedLine[]
  readonly others: string[]
}

function follow(
  keys: Keys,
  setting: AgreedLine['line'] | 'auto' = 'auto',
  { accepts = true, seal = OPEN } = {},
): Follower {
  const known: AgreedLine[] = []
  const others: string[] = []
  const line = makeConnectorLine({
    ...{ setting, accepts, store: makeLineStore(redis, keys, seal) },
    inUse: async () => (await redis.exists(keys.lanes)) > 0,
    onKnown: (agreed) => known.push(agreed),
    onOther: (other) => others.push(`${other.of} ${other.line}`),
    onFault: ({ error }) => {
      throw error
    },
  })
  toStop.push(line.stop)
  line.start()
  return Object.assign(line, { known, others })
}

const isKnown = (line: Follower) => until('its line is known', async () => line.known.length > 0)

describe('an installation', () => {
  it('follows one line when its adapters start on gateways of two versions at once', async () => {
    const keys = newKeys()
    const adapters = ['8.9.1', '8.8.0', '8.9.1', '8.8.0'].map((version) => {
      const adapter = follow(keys)
      adapter.saw(version)
      return adapter
    })
    const worker = follow(keys, 'auto', { accepts: false })
    await Promise.all([...adapters, worker].map(isKnown))
    const lines = new Set([...adapters, worker].map((one) => one.current()))
    expect(lines.size).toBe(1)
    expect(lines).toContain((await read(keys))?.line)
  })

  it('keeps its line when Camunda is upgraded, and says so once', async () => {
    const keys = newKeys()
    const adapter = follow(keys)
    adapter.saw('8.8.4')
    await isKnown(adapter)
    adapter.saw('8.9.0')
    await until('it has said so', async () => adapter.others.length > 0)
    adapter.saw('8.9.1')
    const later = follow(keys)
    later.saw('8.9.1')
    await until('the next process has said so', async () => later.others.length > 0)
    expect([adapter.current(), later.current()]).toEqual(['8.8', '8.8'])
    expect([adapter.others, later.others]).toEqual([['gateway 8.9'], ['gateway 8.9']])
  })

  it('keeps its line when Redis loses it', async () => {
    const keys = newKeys()
    const adapter = follow(keys)
    adapter.saw('8.8.4')
    await isKnown(adapter)
    await redis.del(keys.line)
    adapter.saw('8.9.0')
    await until('it is there again', async () => (await read(keys)) !== null)
    expect((await read(keys))?.line).toBe('8.8')
  })

  it('that ran with a version without lines keeps the one that this followed', async () => {
    const keys = newKeys()
    await redis.zadd(keys.lanes, Date.now(), 'any')
    const adapter = follow(keys)
    adapter.saw('8.8.0')
    await isKnown(adapter)
    expect(adapter.known).toEqual([{ line: '8.9', from: expect.stringContaining('earlier version') }])
    await redis.del(keys.lanes)
  })

  it('follows the line that an operator sets, also after the setting is gone', async () => {
    const keys = newKeys()
    const first = follow(keys)
    first.saw('8.8.0')
    await isKnown(first)
    const setting = follow(keys, '8.9')
    await isKnown(setting)
    expect([setting.known, setting.others]).toEqual([
      [{ line: '8.9', from: 'QUARRY_COMPATIBILITY, in place of 8.8 (gateway 8.8.0)' }],
      [],
    ])
    const next = follow(keys)
    next.saw('8.8.0')
    await isKnown(next)
    expect(next.current()).toBe('8.9')
    first.wake()
    await until('the running one has said so', async () => first.others.length > 0)
    expect([first.current(), first.others]).toEqual(['8.8', ['installation 8.9']])
  })

  it('with a payload key takes no line that somebody else wrote to Redis', async () => {
    const keys = newKeys()
    const seal = sealedBy(newKey())
    for (const forged of [
      JSON.stringify({ line: '8.8', from: 'me' }),
      OPEN.close(JSON.stringify({ line: '8.8', from: 'me' })),
    ]) {
      await redis.set(keys.line, forged)
      const adapter = follow(keys, 'auto', { seal })
      adapter.saw('8.9.3')
      await isKnown(adapter)
      expect(adapter.known).toEqual([{ line: '8.9', from: expect.stringContaining('not to be trusted') }])
      expect(await read(keys, seal)).toMatchObject({ line: '8.9' })
    }
  })

  it('leaves the line to the processes that have its payload key', async () => {
    const keys = newKeys()
    const seal = sealedBy(newKey())
    const adapter = follow(keys, 'auto', { seal })
    adapter.saw('8.8.0')
    await isKnown(adapter)
    let looks = 0
    const open = (stored: string) => {
      looks += 1
      return OPEN.open(stored)
    }
    const keyless = follow(keys, 'auto', { seal: { ...OPEN, open } })
    keyless.saw('8.9.0')
    await until('it has looked twice', async () => looks > 1)
    expect(keyless.current()).toBeNull()
    expect(await read(keys, seal)).toMatchObject({ line: '8.8' })
  })

  it('keeps its line in Redis for a time only', async () => {
    const keys = newKeys()
    const adapter = follow(keys)
    adapter.saw('8.8.0')
    await isKnown(adapter)
    expect(await redis.ttl(keys.line)).toBeGreaterThan(24 * 3_600)
  })
})

/** The variable of a secret as 8.8 has it, and not as later lines do. */
const SECRET = { AWS_KEY: 'AKIAENVDEFAULT', AWS_SECRET: 'envsecret' }
/** The engine has no REST API, from which the filter of secrets reads. */
const UNFILTERED = { CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER_MODE: 'DISABLED' }
const TYPED = {
  'authentication.type': 'credentials',
  'authentication.accessKey': '{{secrets.AWS_KEY}}',
  'authentication.secretKey': '{{secrets.AWS_SECRET}}',
}

async function start(env: Record<string, string>): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env })
  toStop.push(quarry.stop)
  await quarry.ready()
  return quarry
}

async function task(env: Record<string, string>, model = 'nova') {
  const { processes, deploy, close } = makeProcessesUnderTest(env)
  toStop.push(close)
  const bpmnProcessId = await deploy({ inputs: converseInputs(model, TYPED) })
  return () =>
    processes.createInstanceWithResult({ bpmnProcessId, variables: '{}', requestTimeoutMs: 60_000 })
}

describe('a diagram of an 8.8 installation', () => {
  it('finds its secrets without a prefix, also on a worker that knows no Zeebe', async () => {
    const env = environment({ ...SECRET, ...UNFILTERED, QUARRY_COMPATIBILITY: 'auto', LOG_LEVEL: 'info' })
    const adapter = await start({ ...env, QUARRY_ROLES: 'adapter' })
    expect(await adapter.logged('line of the connector runtime')).toMatchObject({
      line: '8.8',
      from: 'gateway 8.8.0',
    })
    const worker = await start({ ...env, QUARRY_ROLES: 'bedrock', ZEEBE_GRPC_ADDRESS: 'grpc://127.0.0.1:1' })
    expect(await worker.logged('line of the connector runtime')).toMatchObject({ line: '8.8' })
    const run = await task(env)
    expect(JSON.parse((await run()).variables)).toBeTypeOf('object')
    expect(JSON.parse((await worker.get('/health')).text)).toMatchObject({
      connectorLine: '8.8',
      secretFilter: 'DISABLED',
    })
  })

  it('has a secret filter also where the gateway alone says 8.8: without the REST API the job fails', async () => {
    const env = environment({ ...SECRET, QUARRY_COMPATIBILITY: 'auto', LOG_LEVEL: 'info' })
    const quarry = await start(env)
    expect(JSON.parse((await quarry.get('/health')).text)).toMatchObject({ secretFilter: 'STRICT' })
    const run = await task(env, 'never-called')
    run().catch(() => undefined)
    expect(await quarry.logged('job failed')).toBeDefined()
    expect(await callsOf('never-called')).toEqual([])
  })

  it('keeps working for jobs that were accepted before the line was changed', async () => {
    const env = environment({ ...SECRET, ...UNFILTERED, QUARRY_COMPATIBILITY: 'auto', LOG_LEVEL: 'info' })
    const keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
    const adapter = await start({ ...env, QUARRY_ROLES: 'adapter' })
    const run = await task(env)
    const ended = run()
    await until('the job waits', async () => (await redis.zcard(keys.lanes)) > 0)
    await adapter.stop()
    const changed = await start({ ...env, QUARRY_COMPATIBILITY: '8.9' })
    expect(await changed.logged('line of the connector runtime')).toMatchObject({ line: '8.9' })
    expect(JSON.parse((await ended).variables)).toBeTypeOf('object')
  })
})
