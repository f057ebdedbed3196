// What Redis refuses by its own state, in its words, is no fault of ours.
import { expect, it } from 'vitest'
import { isOfRedis, isRefusedByRedis } from '../../src/telemetry/redis-trouble.ts'

function reply(message: string): Error {
  const error = new Error(message)
  error.name = 'ReplyError'
  return error
}

it.each([
  "OOM command not allowed when used memory > 'maxmemory'.",
  "ERR Error running script (call to f_a): @user_script:12: @user_script: 12: -OOM command not allowed when used memory > 'maxmemory'.",
  "OOM command not allowed when used memory > 'maxmemory'. script: f_a, on @user_script:12.",
  "READONLY You can't write against a read only replica.",
  'ERR Error running script (call to f_a): @user_script:3: @user_script: 3: -READONLY You can’t write.',
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  'LOADING Redis is loading the dataset in memory',
  'NOREPLICAS Not enough good replicas to write.',
  'CLUSTERDOWN The cluster is down',
  'BUSY Redis is busy running a script.',
])('%s', (message) => {
  expect(isRefusedByRedis(reply(message))).toBe(true)
  expect(isOfRedis(reply(message))).toBe(true)
})

it.each([
  reply('WRONGTYPE Operation against a key holding the wrong kind of value'),
  reply('BUSYGROUP Consumer Group name already exists'),
  new Error('OOM of another kind'),
])('%s is another matter', (error) => {
  expect(isRefusedByRedis(error)).toBe(false)
})
