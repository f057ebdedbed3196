// A worker that dies while a repair waits for its turn.
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { callsOf, environment, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, makeProcessesUnderTest } from './quarry-under-test.ts'

it('kill -9 between an answer that violates its schema and its repair pays for no answer twice', async () => {
  // A call every five seconds: the repair waits.
  const env = environment({ QUARRY_DEFAULT_RPM: '12' })
  const redis = connectRedis({
    target: redisAt(env['REDIS_URL'] ?? ''),
    name: 'test',
    onError: () => undefined,
  })
  const keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
  const under = makeProcessesUnderTest(env)
  const first = await startQuarryProcess({ env })
  const model = `eu.anthropic.claude-sonnet-4-6@${randomUUID()}`
  const inputs = converseInputs(model, {
    'data.newMessage': 'How much? [[sim turns: ["about ten", "10"]]]',
    'data.schema': '={type: "number"}',
    'data.resultDetails': '=true',
  })
  const bpmnProcessId = await under.deploy({ inputs, headers: { resultVariable: 'answer' } })
  const run = under.processes.createInstanceWithResult({
    ...{ bpmnProcessId, variables: '{}', requestTimeoutMs: 90_000 },
  })
  await until('the failed answer is kept', async () => {
    const found = await redis.keys(`${keys.prefix}:*:job:*`)
    const kept = await Promise.all(found.map((key) => redis.hget(key, 'repairs')))
    return kept.some((repairs) => repairs !== null)
  })
  first.signal('SIGKILL')
  await first.ended
  const second = await startQuarryProcess({ env })
  expect(JSON.parse((await run).variables)).toMatchObject({ answer: { json: 10, repairTurns: 1 } })
  expect(await callsOf(model)).toHaveLength(2)
  await Promise.all([second.stop(), under.close(), closeRedis(redis)])
})
