// What operators do to lanes while Quarry runs, on the real Redis and engine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { makeAuditLog } from '../../src/control/audit-log.ts'
import { chooseLanes } from '../../src/control/choose-lanes.ts'
import { type LaneControl, makeLaneControl } from '../../src/control/lane-control.ts'
import { knownLanes } from '../../src/control/lane-overview.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { makeOverrideStore } from '../../src/lanes/override-store.ts'
import { makePaceStore } from '../../src/lanes/pace/pace-store.ts'
import { type LaneQueues, makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { COMMAND, runQuarry } from '../cli/run-quarry.ts'
import { until } from './quarry-process.ts'
import { converseInputs, hasEnded, recordsUntil, startQuarry } from './quarry-under-test.ts'

const NOVA = { account: 'default', region: 'us-east-1', model: 'amazon.nova-lite-v1:0' }
const SONNET = { account: 'default', region: 'eu-west-1', model: 'anthropic.claude-3-5-sonnet-20240620-v1:0' }
const [nova, sonnet] = [laneName(NOVA), laneName(SONNET)]
let redis: ReturnType<typeof connectRedis>

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
})
afterAll(() => redis && closeRedis(redis))

interface Steered {
  readonly control: LaneControl
  readonly queues: LaneQueues
}

function steered(prefix: string, by = 'ann@desk') {
  const keys = makeKeys(prefix)
  const registry = makeLaneRegistry(redis, keys)
  const overrides = makeOverrideStore(redis, keys)
  const audit = makeAuditLog(redis, keys)
  const events = makeEvents()
  const told: QuarryEvents['lanesChanged'][0][] = []
  events.on('lanesChanged', (data) => told.push(data))
  const queues = makeLaneQueues(redis, keys, () => undefined)
  onTestFinished(() => queues.close())
  const control = makeLaneControl({ queues, overrides, audit, events, by })
  return {
    keys,
    registry,
    overrides,
    audit,
    told,
    queues,
    control,
    known: () => knownLanes({ registry, overrides }),
  }
}

let count = 0
function freshPrefix(): string {
  count += 1
  return `test-control-${process.pid}-${Date.now()}-${count}`
}

describe('an override', () => {
  it('is stored in the hash slot of the lane’s queue, with its author and time', async () => {
    const { keys, overrides, control } = steered(freshPrefix())
    await control.setPace([nova], { requestsPerMinute: 100, concurrency: 8 })
    const { at, ...fields } = await redis.hgetall(keys.overrides(nova))
    expect(fields).toEqual({ requestsPerMinute: '100', concurrency: '8', by: 'ann@desk' })
    const [seconds] = await redis.time()
    expect(Math.abs(Number(at) - Number(seconds) * 1_000)).toBeLessThan(60_000)
    expect(keys.overrides(nova)).toBe(`${keys.prefix}:${keys.queue(nova)}:wishes`)
    expect(await overrides.read(nova)).toEqual({
      requestsPerMinute: 100,
      tokensPerMinute: null,
      concurrency: 8,
      draining: false,
      atMs: Number(at),
      by: 'ann@desk',
    })
  })

  it('stays while another is made or taken back, and the last one leaves no key behind', async () => {
    const { keys, overrides, control, known } = steered(freshPrefix())
    await control.setPace([nova], { requestsPerMinute: 100 })
    await control.drain([nova])
    await control.setPace([nova], { requestsPerMinute: null, tokensPerMinute: 9_000 })
    expect(await overrides.read(nova)).toMatchObject({
      requestsPerMinute: null,
      tokensPerMinute: 9_000,
      draining: true,
    })
    await control.resume([nova])
    expect(await overrides.read(nova)).toMatchObject({ draining: false })
    expect(await known()).toEqual([nova])
    await control.setPace([nova], { tokensPerMinute: null })
    expect(await redis.exists(keys.overrides(nova))).toBe(0)
    expect(await known()).toEqual([])
  })

  it('keeps its lane registered without jobs: a drain can always be ended', async () => {
    const { registry, control, known } = steered(freshPrefix())
    await registry.touch(nova)
    await control.drain([nova])
    await control.pause([sonnet])
    for (const each of await registry.list()) await registry.forget(each)
    expect(await known()).toEqual([sonnet, nova].sort())
    await control.resume([nova, sonnet])
    for (const each of await registry.list()) await registry.forget(each)
    expect(await known()).toEqual([])
  })
})

it('a change that fails midway leaves its audit line, and another that names the lanes where it failed', async () => {
  const { queues, overrides, audit } = steered(freshPrefix())
  const set: typeof overrides.set = async (lane, ...rest) => {
    if (lane === nova) throw new Error('Redis is full')
    await overrides.set(lane, ...rest)
  }
  const broken = { ...overrides, set }
  const control = makeLaneControl({ queues, overrides: broken, audit, events: makeEvents(), by: 'bob@pod-1' })
  await expect(control.drain([nova, sonnet])).rejects.toThrow('Redis is full')
  expect((await audit.last(9)).map(({ atMs: _, ...line }) => line)).toEqual([
    { by: 'bob@pod-1', action: 'drain', change: 'draining: failed', lanes: [nova] },
    { by: 'bob@pod-1', action: 'drain', change: 'draining', lanes: [nova, sonnet] },
  ])
})

it('no lane is changed while Redis accepts no audit line', async () => {
  const { keys, queues, overrides } = steered(freshPrefix())
  const audit = { ...makeAuditLog(redis, keys), add: () => Promise.reject(new Error('OOM')) }
  const control = makeLaneControl({ queues, overrides, audit, events: makeEvents(), by: 'bob@pod-1' })
  const changes = [
    () => control.pause([nova]),
    () => control.drain([nova]),
    () => control.setPace([nova], { requestsPerMinute: 5 }),
    () => control.resume([nova]),
  ]
  for (const change of changes) await expect(change()).rejects.toThrow('OOM')
  expect(await redis.keys(`${keys.prefix}:*`)).toEqual([])
})

it('each change leaves a line in the audit log and emits an event; the last ten thousand lines stay', async () => {
  const { keys, control, audit, told } = steered(freshPrefix(), 'bob@pod-1')
  await control.pause([nova, sonnet])
  await control.setPace([nova], { requestsPerMinute: 5, tokensPerMinute: null })
  const change = 'requestsPerMinute 5, tokensPerMinute none'
  const last = { by: 'bob@pod-1', action: 'pace', change, lanes: [nova] }
  expect(told.at(-1)).toEqual(last)
  const [newest, before] = await audit.last(10)
  expect(newest).toEqual({ ...last, atMs: expect.any(Number) })
  expect(before).toMatchObject({ action: 'pause', lanes: [nova, sonnet] })
  const line = { by: 'x@y', action: 'pause', change: 'paused', lanes: [nova] }
  await Promise.all(Array.from({ length: 10_100 }, () => audit.add(line)))
  expect(await redis.xlen(keys.audit)).toBe(10_000)
})

it('lanes are selected by encoded or readable name, by patterns, or all', () => {
  const known = [nova, sonnet]
  expect(chooseLanes(known, { kind: 'name', name: nova })).toEqual([nova])
  const inClear = 'default@us-east-1@amazon.nova-lite-v1:0'
  expect(chooseLanes(known, { kind: 'name', name: inClear })).toEqual([nova])
  expect(chooseLanes(known, { kind: 'name', name: 'default@us-east-1@*' })).toEqual([])
  expect(chooseLanes(known, { kind: 'patterns', region: 'eu-*' })).toEqual([sonnet])
  expect(chooseLanes(known, { kind: 'patterns', account: 'default', model: 'amazon.*' })).toEqual([nova])
  expect(chooseLanes(known, { kind: 'all' })).toEqual(known)
})

it('a job that was fetched before its lane was paused is not sent, and goes back at once', async () => {
  const { keys, control } = steered(freshPrefix())
  const pace = makePaceStore(redis, keys, 'test')
  const ask = () => pace.reserve(nova, { ...NO_QUOTA, asker: 'own' }, { tokens: 0, waiting: 1 })
  expect(await ask()).toMatchObject({ kind: 'go' })
  await control.pause([nova])
  expect(await ask()).toMatchObject({ kind: 'wait', reason: 'paused', waitMs: 5_000 })
  await control.resume([nova])
  expect(await ask()).not.toMatchObject({ reason: 'paused' })
})

describe('the commands', () => {
  function commands() {
    const prefix = freshPrefix()
    const env = { REDIS_URL: inject('redisUrl'), QUARRY_REDIS_PREFIX: prefix, QUARRY_DEFAULT_RPM: '60' }
    return { prefix, run: (...argv: string[]) => runQuarry(argv, env) }
  }

  it('list lanes, change them and end with 0', async () => {
    const { prefix, run } = commands()
    const { registry } = steered(prefix)
    expect((await run('lanes')).stdout).toBe('No lane has been used in the last 24 hours.\n')
    await registry.touch(nova)
    await registry.touch(sonnet)

    const paced = await run('pace', 'set', 'default@us-east-1@amazon.nova-lite-v1:0', '--rpm', '9')
    expect(paced).toEqual({
      code: 0,
      stdout: 'default@us-east-1@amazon.nova-lite-v1:0: requestsPerMinute 9\n',
      stderr: '',
    })
    const paused = await run('pause', '--region', 'eu-*', '--json')
    expect(JSON.parse(paused.stdout)).toEqual({
      action: 'pause',
      change: 'paused',
      lanes: [{ name: sonnet, ...SONNET }],
      unchanged: [],
    })
    await run('drain', nova)

    const listed = await run('lanes', '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { ...SONNET, name: sonnet, state: 'paused', quota: { requestsPerMinute: 60, origin: 'default' } },
      { ...NOVA, name: nova, state: 'draining', quota: { requestsPerMinute: 9, origin: 'override' } },
    ])
    const table = (await run('lanes')).stdout.split('\n')
    expect(table[0]).toMatch(
      /^ACCOUNT +REGION +MODEL +STATE +WAITING +ACTIVE +DELAYED +BACKLOG +CALLS\/MIN +FAILED +RPM NOW +RPM/,
    )
    expect(table[1]).toMatch(/^default +eu-west-1 +anthropic\.\S+ +paused +0 +0 +0 +- +0 +- +- +60 +default/)
    expect(table[2]).toMatch(/^default +us-east-1 +amazon\.\S+ +draining +0 +0 +0 +- +0 +- +- +9 +\S+@\S+/)

    expect((await run('resume', '--all')).code).toBe(0)
    const after = JSON.parse((await run('lanes', '--json')).stdout)
    expect(after.map(({ state }: { state: string }) => state)).toEqual(['running', 'running'])
  })

  it('show with --dry-run what they would change, and leave alone what is so already', async () => {
    const { prefix, run } = commands()
    const { registry } = steered(prefix)
    await registry.touch(nova)
    await registry.touch(sonnet)
    const dry = await run('pause', '--all', '--dry-run')
    expect(dry.stdout).toBe(
      'default@eu-west-1@anthropic.claude-3-5-sonnet-20240620-v1:0: would be paused\ndefault@us-east-1@amazon.nova-lite-v1:0: would be paused\n',
    )
    expect((await run('lanes')).stdout).not.toContain('paused')
    await run('pause', nova)
    const resumed = await run('resume', '--all')
    expect(resumed).toMatchObject({
      ...{ code: 0, stderr: '' },
      stdout:
        'default@us-east-1@amazon.nova-lite-v1:0: running\ndefault@eu-west-1@anthropic.claude-3-5-sonnet-20240620-v1:0: was running already\n',
    })
    // Only lanes that changed are in the audit log.
    const [last] = JSON.parse((await run('audit', '-o', 'json')).stdout)
    expect(last).toMatchObject({ action: 'resume', lanes: [nova] })
  })

  it('write the reason into the audit log, which quarry audit shows', async () => {
    const { prefix, run } = commands()
    const { registry } = steered(prefix)
    expect((await run('audit')).stdout).toBe('Nobody has changed anything.\n')
    await registry.touch(nova)
    await run('drain', nova, '--reason', 'ticket 4711')
    await run('pace', 'set', nova, '--rpm', '5')
    await run('pace', 'unset', nova)
    const lines = (await run('audit')).stdout.split('\n')
    expect(lines[0]).toMatch(
      / pace: requestsPerMinute none, tokensPerMinute none, concurrency none {2}default@us-east-1@/,
    )
    expect(lines[2]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}\S+@\S+ {2}drain: draining \(ticket 4711\) {2}default@us-east-1@amazon/,
    )
  })

  it('give the same data as JSON and as YAML', async () => {
    const { prefix, run } = commands()
    const { registry } = steered(prefix)
    await registry.touch(nova)
    const json = JSON.parse((await run('lanes', '-o', 'json')).stdout)
    expect(json).toEqual(JSON.parse((await run('lanes', '--json')).stdout))
    expect(parse((await run('lanes', '-o', 'yaml')).stdout)).toEqual(json)
    expect(await run('lanes', '-o', 'xml')).toMatchObject({ code: 2, stdout: '' })
  })

  it('show lanes again and again with --watch, until Ctrl-C', async () => {
    const { prefix } = commands()
    const { registry } = steered(prefix)
    await registry.touch(nova)
    const env = { ...process.env, REDIS_URL: inject('redisUrl'), QUARRY_REDIS_PREFIX: prefix }
    const child = spawn(process.execPath, [COMMAND, 'lanes', '--watch'], { env })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    await until('the lanes are shown twice', async () => text.split('RPM NOW').length > 2)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  })

  it('of docs/lanes.md work as described', async () => {
    const { prefix, run } = commands()
    const { registry } = steered(prefix)
    await registry.touch(nova)
    const page = await readFile(new URL('../../docs/lanes.md', import.meta.url), 'utf8')
    const examples = [...page.matchAll(/^quarry (.*)$/gm)].flatMap(([, line = '']) =>
      line.startsWith('quota') ? [] : [line.split(' ').map((word) => word.replaceAll('"', ''))],
    )
    expect(examples.length).toBeGreaterThan(5)
    for (const argv of examples)
      expect(await run(...argv), argv.join(' ')).toMatchObject({ code: 0, stderr: '' })
  })

  it('end with 3 when no lane fits', async () => {
    const { run } = commands()
    expect(await run('pause', 'default@us-east-1@m')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'quarry: there is no lane default@us-east-1@m. `quarry lanes` lists them.\n',
    })
    const { code, stdout } = await run('drain', '--model', 'x*', '--json')
    expect({ code, lanes: JSON.parse(stdout).lanes }).toEqual({ code: 3, lanes: [] })
  })
})

describe('a running Quarry', () => {
  const MODEL = 'sim.steered-v1:0'
  const lane: LaneName = laneName({ account: 'default', region: 'eu-west-1', model: MODEL })

  async function running() {
    const quarry = await startQuarry()
    onTestFinished(() => quarry.stop())
    const { control, queues }: Steered = steered(quarry.prefix)
    const processId = await quarry.deploy({ inputs: converseInputs(MODEL), headers: { resultVariable: 'r' } })
    const start = async (): Promise<string> =>
      (await quarry.processes.createInstance({ bpmnProcessId: processId, variables: '{}' }))
        .processInstanceKey
    return { quarry, control, queues, start }
  }

  const waitingIn = (queues: LaneQueues): Promise<number> =>
    queues.of(lane).getJobCountByTypes('waiting', 'prioritized')

  async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await holds())) await sleep(20)
  }

  it('sends nothing from a paused lane, and goes on when it is resumed', async () => {
    const { quarry, control, queues, start } = await running()
    let calls = 0
    quarry.process.events.on('calling', () => {
      calls += 1
    })
    await control.pause([lane])
    const instance = await start()
    await until(async () => (await waitingIn(queues)) === 1)
    // A worker that is free takes a job within milliseconds.
    await sleep(1_500)
    expect(calls).toBe(0)
    await control.resume([lane])
    await recordsUntil(instance, hasEnded)
    expect(calls).toBe(1)
  })

  it('puts no jobs into a draining lane, sends those in it, and puts in new ones when it is resumed', async () => {
    const { quarry, control, queues, start } = await running()
    const returned: string[] = []
    quarry.process.events.on('returned', ({ reason }) => returned.push(reason))
    await control.pause([lane])
    const inside = await start()
    await until(async () => (await waitingIn(queues)) === 1)
    await control.drain([lane])
    await sleep(300)
    const outside = await start()
    await until(() => returned.length > 0)
    expect(returned[0]).toBe('laneDraining')
    expect(await waitingIn(queues)).toBe(1)
    await queues.of(lane).resume()
    await recordsUntil(inside, hasEnded)
    await control.resume([lane])
    // It comes back when its lease ends, some 20 seconds after it was returned.
    await recordsUntil(outside, hasEnded)
  })
})
