// What a look at a lane sees of its jobs, on a real Redis.
import { randomUUID } from 'node:crypto'
import { expect, inject, it, onTestFinished } from 'vitest'
import { laneName } from '../../src/job/lane.ts'
import { makeLaneLooks } from '../../src/lanes/look-lanes.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

it('a look at lanes distinguishes delayed jobs that are due from those that are not, while no worker takes them', async () => {
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  const keys = makeKeys(`test-${randomUUID().slice(0, 8)}`)
  const queues = makeLaneQueues(redis, keys, () => undefined)
  onTestFinished(async () => {
    await queues.close()
    await closeRedis(redis)
  })
  const lane = laneName({ account: 'default', region: 'eu-west-1', model: 'm:0' })
  await queues.of(lane).addBulk([
    { name: 'now', data: { payload: '' } },
    { name: 'soon', data: { payload: '' }, opts: { delay: 50 } },
    { name: 'soon', data: { payload: '' }, opts: { delay: 60 } },
    { name: 'later', data: { payload: '' }, opts: { delay: 600_000 } },
  ])
  const look = async () => (await makeLaneLooks(redis, keys).look([lane]))[0]
  await expect.poll(look, { timeout: 30_000 }).toMatchObject({ due: 2, jobs: { waiting: 1, delayed: 3 } })
})
