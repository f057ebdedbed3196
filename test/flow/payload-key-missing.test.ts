// A process that was started without the payload key that the others have, beside a process with the key.
import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { runQuarry } from '../cli/run-quarry.ts'
import {
  callsOf,
  environment,
  type QuarryProcess,
  startQuarryProcess,
  until,
  WARNING,
} from './quarry-process.ts'
import { converseInputs, makeProcessesUnderTest } from './quarry-under-test.ts'

const KEY = randomBytes(32).toString('base64')
const toStop: (() => Promise<unknown>)[] = []

afterEach(async () => {
  while (toStop.length > 0) await toStop.pop()?.()
})

async function start(env: Record<string, string>): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env })
  toStop.push(quarry.stop)
  return quarry
}

/** Instances of a process with one connector task, which all end. */
async function instances(env: Record<string, string>, count: number) {
  const { processes, deploy, close } = makeProcessesUnderTest(env)
  toStop.push(close)
  const modelId = `nova@${randomUUID()}`
  const bpmnProcessId = await deploy({ inputs: converseInputs(modelId) })
  const request = { bpmnProcessId, variables: '{}', requestTimeoutMs: 100_000 }
  const run = () => processes.createInstanceWithResult(request)
  return { modelId, run: () => Promise.all(Array.from({ length: count }, run)) }
}

/** What Redis and settings of tests are warned about at start. */
const AT_START = ['payloads are readable in Redis', 'redis may lose jobs']
/** A machine that is busy with other things can take longer than Redis is given to answer, or leave the process standing. */
const BUSY = [
  'dependency is away, trying again',
  'process stood still: check its CPU and memory, and what else runs on the machine',
]

/** What else it wrote that nobody could overlook. */
const loud = ({ log }: QuarryProcess) =>
  log
    .filter(({ level, msg }) => level >= WARNING && ![...AT_START, ...BUSY].includes(msg))
    .map(({ msg }) => msg)

async function isUnready(quarry: QuarryProcess): Promise<void> {
  await until('it is not ready', async () => !(await quarry.isReady()))
  const { checks } = JSON.parse((await quarry.get('/health/ready')).text)
  expect(checks.payloads.up).toBe(false)
  expect(checks.payloads.message).toMatch(
    /it meets payloads under key [0-9a-f]{8}, which this process does not have\. .*QUARRY_PAYLOAD_KEY/,
  )
}

describe('a worker without the payload key', () => {
  it('leaves the jobs to a process with the key, reports it once, and works again on plaintext', async () => {
    const env = environment({ QUARRY_DEFAULT_RPM: '6000' })
    const good = await start({ ...env, QUARRY_PAYLOAD_KEY: KEY })
    const keyless = await start({ ...env, QUARRY_ROLES: 'bedrock', LOG_LEVEL: 'debug' })
    await Promise.all([good.ready(), keyless.ready()])
    const { modelId, run } = await instances(env, 100)
    const startedAt = performance.now()
    expect(await run()).toHaveLength(100)
    const seconds = (performance.now() - startedAt) / 1_000
    process.stdout.write(`  100 jobs beside a worker without the key: ${seconds.toFixed(1)} s\n`)
    // One that is set aside waits for a minute; what is left to others waits for nothing.
    const met = keyless.log.filter(({ msg }) => msg === 'payload cannot be read here')
    expect(met).not.toEqual([])
    expect(met.filter(({ left }) => left !== true)).toEqual([])
    expect(await callsOf(modelId)).toHaveLength(100)
    await isUnready(keyless)
    // What more comes it does not even look at.
    expect(await run()).toHaveLength(100)
    await until('it has left the lane', async () => keyless.log.some(({ msg }) => msg === 'lane closed'))
    expect(loud(keyless)).toEqual(['payload key is missing'])
    expect(loud(good)).toEqual([])

    const { code, stdout } = await runQuarry(['doctor'], { ...env, PATH: process.env['PATH'] ?? '' })
    expect(stdout).toMatch(
      /fault +payloads +\S+ \(bedrock\) cannot read what \S+ \(adapter, bedrock\) encrypts: key/,
    )
    expect(stdout).toContain('these settings hold no payload key')
    expect(code).toBe(1)

    await good.stop()
    await start({ ...env, QUARRY_ROLES: 'adapter' })
    await keyless.ready()
    expect(await run()).toHaveLength(100)
    expect(await callsOf(modelId)).toHaveLength(300)
  })
})

describe('an adapter without the payload key', () => {
  it('leaves outcomes to a process with the key, logs it once, and reports again when it can', async () => {
    const env = environment({ QUARRY_DEFAULT_RPM: '6000' })
    const good = await start({ ...env, QUARRY_PAYLOAD_KEY: KEY })
    await good.ready()
    // What it would put into Redis the other does not take, so it takes no jobs, and is not ready.
    const keyless = await start({ ...env, QUARRY_ROLES: 'adapter' })
    await until('it says so', async () => keyless.log.some(({ msg }) => msg === 'payload key is missing'))
    expect(await keyless.isReady()).toBe(false)
    const { run } = await instances(env, 50)
    expect(await run()).toHaveLength(50)
    expect(loud(keyless)).toEqual(['payload key is missing'])
    expect(await run()).toHaveLength(50)
    expect(loud(good)).toEqual([])
  })
})
