// `quarry demo` on an engine and a Redis that it did not start.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

it('shows the dashboard first, compares with a plain worker, and leaves nothing on a Redis that is not its own', async () => {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, ZEEBE_GRPC_ADDRESS: inject('zeebeGrpcAddress'), REDIS_URL: inject('redisUrl') }
  const command = ['bin/quarry.js', 'demo', '--instances', '3', '--compare', '--json']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { env })
  expect(JSON.parse(stdout)).toMatchObject({
    completed: 3,
    incidents: 0,
    plain: { completed: 3, incidents: 0, wrong: 0 },
  })
  const shown = stderr.indexOf('Dashboard: http://')
  expect(shown).toBeGreaterThan(-1)
  expect(shown).toBeLessThan(stderr.indexOf('3 instances of'))
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  const left = await redis.keys('*quarry-demo*')
  await closeRedis(redis)
  expect(left).toEqual([])
})
