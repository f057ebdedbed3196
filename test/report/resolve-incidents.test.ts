import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type JobKey, partitionOf } from '../../src/job/ids.ts'
import type { TakenRetry } from '../../src/redis/retry-wishes.ts'
import { makeIncidentResolver } from '../../src/report/resolve-incidents.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { keyOf } from './outbox-in-memory.ts'

it('a wish whose partition gives no answer holds up no other', async () => {
  const wish = (key: JobKey, n: number): TakenRetry => ({
    ...{
      entryId: `${n}-0`,
      id: String(n),
      key,
      retries: 1,
      by: 'a@b',
      lately: false,
      incidentKey: String(n),
    },
  })
  const wishes = [wish(keyOf(1, 1), 1), wish(keyOf(1, 2), 2), wish(keyOf(2, 3), 3)]
  const ended: string[] = []
  const stuck = Promise.withResolvers<void>()
  const resolver = makeIncidentResolver({
    inbox: {
      prepare: async () => undefined,
      take: async () => wishes.shift() ?? null,
      keep: async () => undefined,
      found: async () => undefined,
      end: async ({ id }) => void ended.push(id),
    },
    search: null,
    port: {
      updateJobRetries: ({ jobKey }) => (partitionOf(jobKey) === 1 ? stuck.promise : Promise.resolve()),
      resolveIncident: async () => undefined,
    },
    events: makeEvents(),
    random: Math.random,
  })
  resolver.start()
  while (ended.length === 0) await sleep(5)
  expect(ended).toEqual(['3'])
  stuck.resolve()
  while (ended.length < 3) await sleep(5)
  await resolver.stop()
})
