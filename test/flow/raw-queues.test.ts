// The raw queues while Redis goes silent, as when a network swallows what is sent.
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { expect, inject, it, onTestFinished } from 'vitest'
import { makeLaneQueueHandles } from '../../src/control/lane-queue-handles.ts'
import { makeRawQueues } from '../../src/dashboard/raw-queues.ts'
import { laneName } from '../../src/job/lane.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { startTcpProxy } from '../chaos/tcp-proxy.ts'
import { until } from './quarry-process.ts'

it('are refused when Redis is connected and silent', async () => {
  const { hostname, port } = new URL(inject('redisUrl'))
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) })
  const target = redisAt(`redis://127.0.0.1:${proxy.port}`)
  const redis = connectRedis({ target, name: 'test', onError: () => undefined })
  const { of } = makeLaneQueueHandles(redis, makeKeys(`test-${randomUUID()}`), () => undefined)
  const lane = laneName({ account: 'default', region: 'eu-west-1', model: 'm' })
  const parts = { available: () => redis.status === 'ready', label: null, onError: () => undefined }
  const queues = makeRawQueues({ ...parts, of, known: async () => [lane] })
  onTestFinished(async () => {
    queues.stop()
    redis.disconnect()
    await proxy.close()
  })
  await until('Redis is there', async () => redis.status === 'ready')
  queues.start()
  const app = new Hono().route('/queues', queues.app)
  const ask = async () => app.request('/queues/api/queues')
  await until('the lane is shown', async () =>
    JSON.stringify(await (await ask()).json()).includes('eu-west-1'),
  )
  proxy.silence()
  const silent = await ask()
  expect(silent.status).toBe(503)
  expect(await silent.json()).toMatchObject({ detail: 'Redis does not answer.' })
})
