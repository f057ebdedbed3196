// A job whose worker dies: workers are real processes, killed while they call.
import { randomUUID } from 'node:crypto'
import { afterEach, expect, inject, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { startFakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from '../flow/connector-jobs.ts'
import { callsOf, environment, jobTypeOf, startQuarryProcess, until } from '../flow/quarry-process.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** BullMQ takes a worker for dead when its lock ends, 30 s after its last word: that time is skipped. */
async function endLocks(prefix: string): Promise<void> {
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  const locks = await redis.keys(`${prefix}:*:lock`)
  expect(locks).toHaveLength(1)
  await redis.del(...locks)
  await closeRedis(redis)
}

it('a job that crashes its worker again and again fails with an incident, and its lane goes on', async () => {
  const gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  const env = environment({ ZEEBE_GRPC_ADDRESS: gateway.address, QUARRY_MAX_STARTS: '1', LOG_LEVEL: 'debug' })
  const start = async (role: string) => {
    const started = await startQuarryProcess({ args: ['--roles', role], env })
    stops.push(() => started.stop())
    return started
  }
  const [, doomed] = await Promise.all([start('adapter'), start('bedrock')])
  const model = `slow-3000@${randomUUID()}`
  const key = gateway.addJob(converseJob(jobTypeOf(env), model))
  await until('it is called', async () => (await callsOf(model)).length === 1)
  doomed.signal('SIGKILL')
  await doomed.ended
  await endLocks(env['QUARRY_REDIS_PREFIX'] ?? '')
  const next = await start('bedrock')
  await until('it is failed', async () => gateway.job(key).state === 'failed')
  expect(gateway.job(key).retries).toBe(0)
  expect(gateway.job(key).errorMessage).toMatch(/^Quarantined: Quarry started this job 1 times/)
  await next.logged('job quarantined', ({ jobKey }) => jobKey === key)
  await gateway.ended(gateway.addJob(converseJob(jobTypeOf(env), model)))
  expect(await callsOf(model)).toHaveLength(2)
})
