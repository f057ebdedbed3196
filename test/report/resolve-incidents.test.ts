import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { FoundJob, IncidentSearch } from '../../src/camunda/incident-search.ts'
import { RestError } from '../../src/camunda/rest-error.ts'
import { type JobKey, partitionOf } from '../../src/job/ids.ts'
import type { RetryAnswer, TakenRetry } from '../../src/ledger/retry-requests.ts'
import { makeIncidentResolver } from '../../src/report/resolve-incidents.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { keyOf } from './outbox-in-memory.ts'

const OWN = { type: 'io.camunda:aws-bedrock:1', tenantIds: ['<default>', 'team-a'] }
const OURS: FoundJob = { type: OWN.type, tenantId: '<default>' }

const request = (key: JobKey, n: number, given: Partial<TakenRetry> = {}): TakenRetry => ({
  ...{ entryId: `${n}-0`, id: String(n), key, retries: 1, by: 'a@b', lately: false },
  ...{ incidentKey: null, ...given },
})

/** A search that knows one incident per job. */
const searchOf = (job: FoundJob | null): IncidentSearch => ({
  activeOf: async (key) => [`${key}9`],
  isOf: async (key, incidentKey) => incidentKey === `${key}9`,
  job: async () => job,
})

/** Carries requests out until `most` have ended. */
async function carryOut(
  requests: readonly TakenRetry[],
  search: IncidentSearch | null,
  gateway: (key: JobKey) => Promise<void> = async () => undefined,
) {
  const left = [...requests]
  const ended = new Map<string, RetryAnswer>()
  const told: string[] = []
  const resolver = makeIncidentResolver({
    inbox: {
      prepare: async () => undefined,
      take: async () => left.shift() ?? null,
      keep: async () => undefined,
      found: async () => undefined,
      end: async ({ id }, answer) => void ended.set(id, answer),
    },
    search,
    own: OWN,
    port: {
      async updateJobRetries({ jobKey, retries }) {
        told.push(`${jobKey} has ${retries}`)
        await gateway(jobKey)
      },
      resolveIncident: async (key) => void told.push(`${key} is resolved`),
    },
    events: makeEvents(),
    random: Math.random,
  })
  resolver.start()
  const untilEnded = async (count: number) => {
    while (ended.size < count) await sleep(5)
  }
  return { ended, told, untilEnded, stop: resolver.stop }
}

async function answerTo(taken: TakenRetry, search: IncidentSearch | null) {
  const { ended, told, untilEnded, stop } = await carryOut([taken], search)
  await untilEnded(1)
  await stop()
  return { answer: ended.get(taken.id), told }
}

it('a retry request whose partition does not answer blocks no other', async () => {
  const requests = [request(keyOf(1, 1), 1), request(keyOf(1, 2), 2), request(keyOf(2, 3), 3)]
  const stuck = Promise.withResolvers<void>()
  const { ended, untilEnded, stop } = await carryOut(requests, searchOf(OURS), (key) =>
    partitionOf(key) === 1 ? stuck.promise : Promise.resolve(),
  )
  await untilEnded(1)
  expect([...ended.keys()]).toEqual(['3'])
  stuck.resolve()
  await untilEnded(3)
  await stop()
})

describe('a job that is not Quarry’s keeps its incident and its retries', () => {
  const key = keyOf(1, 1)
  const missing = async (): Promise<never> => {
    throw new RestError('no such endpoint', { status: 404 })
  }
  it.each<[string, IncidentSearch | null, Partial<TakenRetry>, RetryAnswer['kind'], RegExp]>([
    [
      'of another type',
      searchOf({ ...OURS, type: 'payment' }),
      {},
      'refused',
      /no job of Quarry.*CONNECTOR_AWS_BEDROCK_TYPE/,
    ],
    [
      'of another type, with an incident that is noted',
      searchOf({ ...OURS, type: 'payment' }),
      { incidentKey: `${key}9` },
      'refused',
      /no job of Quarry/,
    ],
    [
      'of another tenant',
      searchOf({ ...OURS, tenantId: 'other' }),
      {},
      'refused',
      /a tenant that Quarry does not work for/,
    ],
    ['that is not found', searchOf(null), {}, 'nothing', /no open incident/],
    [
      'with a noted incident of another job',
      searchOf(OURS),
      { incidentKey: '17' },
      'refused',
      /belongs to another job/,
    ],
    [
      'of a Camunda without a search for jobs',
      { ...searchOf(OURS), job: missing },
      {},
      'refused',
      /no search for jobs \(8\.8/,
    ],
    [
      'without a REST API, though an incident is noted',
      null,
      { incidentKey: `${key}9` },
      'refused',
      /ZEEBE_REST_ADDRESS/,
    ],
  ])('%s', async (_, search, given, kind, message) => {
    const { answer, told } = await answerTo(request(key, 1, given), search)
    expect(answer).toEqual({ kind, message: expect.stringMatching(message) })
    expect(told).toEqual([])
  })

  it.each([
    [1_000_000, 100],
    [0, 1],
    [Number.NaN, 1],
    [2.5, 2],
  ])('%d retries in Redis are %d', async (retries, set) => {
    const { told } = await answerTo(request(key, 1, { retries }), searchOf({ ...OURS, tenantId: 'team-a' }))
    expect(told).toEqual([`${key} has ${set}`, `${key}9 is resolved`])
  })
})
