import { expect, it } from 'vitest'
import { makeOutageReason } from '../../src/execute/outage-reason.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const LANE = 'default@eu-west-1@m' as LaneName

it('the reason of an outage is stored in full only without a payload key', async () => {
  const events = makeEvents()
  let words: string | null = 'words that somebody wrote to Redis'
  const readable = makeOutageReason(
    events,
    async () => words,
    () => true,
  )
  const strict = makeOutageReason(
    events,
    async () => words,
    () => false,
  )
  expect(await readable(LANE)).toBe(words)
  expect(await strict(LANE)).toBe('`quarry lanes` tells why')
  events.emit('outageBegan', { lane: LANE, why: 'bedrock.example: no such host' })
  expect(await strict(LANE)).toBe('bedrock.example: no such host')
  events.emit('outageEnded', { lane: LANE, lastedMs: 1 })
  expect(await strict(LANE)).toBe('`quarry lanes` tells why')
  words = null
  expect([await readable(LANE), await strict(LANE)]).toEqual([null, null])
})
