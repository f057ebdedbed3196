// What Quarry keeps of a job after its end: what it came to, how many calls it took, and where it belongs in the diagram.
import { randomBytes, randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { JobView } from '../../src/control/job-view.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { environment, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  makeProcessesUnderTest,
  type ProcessesUnderTest,
  recordsUntil,
} from './quarry-under-test.ts'

const PAYLOAD_KEY = randomBytes(32).toString('base64')
const env = environment({ QUARRY_JOB_HISTORY: 'PT2H', QUARRY_PAYLOAD_KEY: PAYLOAD_KEY, LOG_LEVEL: 'info' })
const keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
let quarry: QuarryProcess
let engine: ProcessesUnderTest
let redis: Redis

beforeAll(async () => {
  redis = connectRedis({
    target: redisAt(inject('redisUrl')),
    name: 'test',
    onError: () => undefined,
  }) as Redis
  engine = makeProcessesUnderTest(env)
  quarry = await startQuarryProcess({ env })
  await quarry.ready()
})
afterAll(async () => {
  await quarry?.stop()
  await engine?.close()
  if (redis !== undefined) await closeRedis(redis)
})

/** Runs an instance to its end. @returns its process and its key. */
async function run(model: string) {
  const bpmnProcessId = await engine.deploy({ inputs: converseInputs(model), retries: '1' })
  const { processInstanceKey } = await engine.processes.createInstance({ bpmnProcessId, variables: '{}' })
  await recordsUntil(processInstanceKey, hasEnded)
  return { bpmnProcessId, instance: processInstanceKey }
}

const command = (...argv: string[]) => runQuarry(argv, env)

/** The only job of an instance, once its end is reported. */
async function jobOf(instance: string): Promise<JobView> {
  let found: JobView | undefined
  await until('its end is reported', async () => {
    const listed = await command('jobs', 'find', '--instance', instance, '--json')
    ;[found] = JSON.parse(listed.stdout || '[]') as JobView[]
    return found !== undefined && ['done', 'released'].includes(found.state)
  })
  return found as JobView
}

it('a job that failed for good is found by its process instance, with its error and message', async () => {
  const { bpmnProcessId, instance } = await run(`denied@${randomUUID()}`)
  const job = await jobOf(instance)
  expect(job).toMatchObject({
    ...{ state: 'released', outcome: 'failed', error: 'AccessDeniedException (403)', sends: 1, throttles: 0 },
    ...{ processId: bpmnProcessId, processInstanceKey: instance, tenantId: '<default>' },
  })
  expect(job.elementId).toBeTruthy()
  expect(job.endedAgoMs).toBeGreaterThanOrEqual(0)
  const shown = await command('jobs', 'show', job.key)
  expect(shown.stdout).toContain('error       AccessDeniedException (403)')
  expect(shown.stdout).toMatch(/^message {5}.*Status Code: 403/m)
  expect(shown.stdout).toContain('calls       1 sent, 0 throttled')
  // Messages may quote prompts: they are read with the payload key only.
  const { QUARRY_PAYLOAD_KEY: _, ...keyless } = env
  const unread = await runQuarry(['jobs', 'show', job.key], keyless)
  expect(unread.code).toBe(0)
  expect(unread.stdout).not.toContain('Status Code')
  expect(await redis.hget(keys.job(job.key), 'outcome')).toMatch(/^2e/)
  expect(await redis.pttl(keys.job(job.key))).toBeGreaterThan(90 * 60_000)
  const logged = await quarry.logged('job failed', ({ jobKey }) => jobKey === job.key)
  expect(logged).toMatchObject({
    ...{ level: 40, retriesLeft: 0, error: 'AccessDeniedException (403)' },
    ...{ elementId: job.elementId, processInstanceKey: instance },
  })
  expect(JSON.stringify(logged)).not.toContain('Status Code')
})

it('a job that was throttled and answered keeps its calls, and nothing of its answer', async () => {
  const { instance } = await run(`throttle-2@${randomUUID()}`)
  const job = await jobOf(instance)
  expect(job).toMatchObject({ state: 'done', outcome: 'completed', error: null, sends: 3, throttles: 2 })
  expect(await redis.hexists(keys.job(job.key), 'outcome')).toBe(0)
})

it('the key of a process instance in place of a job’s is answered with how to find its jobs', async () => {
  const { instance } = await run(`m@${randomUUID()}`)
  await jobOf(instance)
  const shown = await command('jobs', 'show', instance)
  expect(shown.code).toBe(3)
  expect(shown.stderr).toContain(`quarry jobs find --instance ${instance}`)
  const none = await command('jobs', 'find', '--instance', '1')
  expect(none.code).toBe(3)
  expect(none.stderr).toContain('QUARRY_JOB_HISTORY')
})
