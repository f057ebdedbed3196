// What the version before wrote to Redis is read by this one. The fixture has all keys of a Redis that commit 9eb84b9 left behind: three jobs are
// answered and not yet reported; three wait in a lane that an operator paused and gave another pace. Their jobs are those of the gateway here.
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, expect, it } from 'vitest'
import { silentProgress, startRedis } from '../../embedded/parts.ts'
import type { LaneOverview } from '../../src/control/lane-overview.ts'
import type { JobKey } from '../../src/job/ids.ts'
import { startFakeGateway } from '../camunda/fake-gateway.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { callsOf, environment, startQuarryProcess, until } from './quarry-process.ts'

const PREFIX = 'earlier'
const fixture = JSON.parse(readFileSync(new URL('./earlier-redis.json', import.meta.url), 'utf8')) as {
  readonly keys: Readonly<Record<string, string>>
}
const toStop: (() => unknown)[] = []
afterAll(async () => {
  for (const stop of toStop.toReversed()) await stop()
})

/** A Redis with the keys of the fixture, as if they had been written just now: else its jobs would have waited for too long one day. */
async function earlierRedis(): Promise<string> {
  const { url, stop } = await startRedis({ env: process.env, progress: silentProgress })
  const redis = new Redis(url)
  toStop.push(stop, () => redis.disconnect())
  for (const [key, dump] of Object.entries(fixture.keys)) {
    await redis.restore(key, 0, Buffer.from(dump, 'base64'))
    if (/:(lanes|held|held:.*)$/.test(key))
      for (const member of await redis.zrange(key, '0', '-1'))
        await redis.zadd(key, String(Date.now()), member)
    if (/:job:\d+$/.test(key)) await redis.hset(key, 'since', String(Date.now()))
  }
  return url
}

it('jobs that wait are called once, answers are reported without a call, and what operators changed holds', async () => {
  const gateway = await startFakeGateway()
  toStop.push(() => gateway.stop())
  const keys = ['answered', 'waiting'].map((model) =>
    Array.from(
      { length: 3 },
      (): JobKey =>
        gateway.addJob({
          type: PREFIX,
          retries: 1,
          variables: {
            authentication: '{"type":"defaultCredentialsChain"}',
            configuration: '{"region":"eu-west-1"}',
            action: '"converse"',
            data: JSON.stringify({ modelId: model, newMessage: 'Hello there' }),
          },
        }),
    ),
  )
  const [answered = [], waiting = []] = keys
  const env = environment({
    REDIS_URL: await earlierRedis(),
    QUARRY_REDIS_PREFIX: PREFIX,
    CONNECTOR_AWS_BEDROCK_TYPE: PREFIX,
    ZEEBE_GRPC_ADDRESS: gateway.address,
    QUARRY_AWS_ACCOUNTS: 'keys',
  })
  const quarry = await startQuarryProcess({ env })
  toStop.push(quarry.stop)
  const isDone = (key: JobKey) => gateway.job(key).state === 'completed'
  await until('the stored answers are reported', async () => answered.every(isDone))
  expect(await callsOf('answered')).toEqual([])

  const lanes = async () => JSON.parse((await runQuarry(['lanes', '--json'], env)).stdout) as LaneOverview[]
  expect((await lanes()).find(({ model }) => model === 'waiting')).toMatchObject({
    ...{ state: 'paused', waiting: 3 },
    quota: { requestsPerMinute: 600, origin: 'override' },
  })
  expect(waiting.some(isDone)).toBe(false)
  expect((await runQuarry(['resume', '--all'], env)).code).toBe(0)
  await until('the jobs that waited are reported', async () => waiting.every(isDone))
  expect(await callsOf('waiting')).toHaveLength(3)
})
