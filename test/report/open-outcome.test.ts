import { describe, expect, test } from 'vitest'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { openOutcome } from '../../src/report/open-outcome.ts'
import { SecretGone } from '../../src/secrets/sealed-outcome.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const ENTRY = { entryId: '1-0', key: jobKey('1'), epoch: 1 }
const OUTCOME: Outcome = { kind: 'completed', variables: '{}' }

function opening(read: () => Promise<Outcome>, { rounds = 0, stopping = false } = {}) {
  const told: string[] = []
  const note = (what: string) => async () => {
    told.push(what)
  }
  const events = makeEvents()
  events.on('reportDelayed', ({ message }) => told.push(message))
  const outbox = {
    prepare: note('prepare'),
    forgetReaders: async () => undefined,
    read: async () => [],
    interrupt: () => undefined,
    takeOver: async () => [],
    keep: note('kept'),
    handBack: note('handed back'),
  }
  const known = new Map([[ENTRY.entryId, rounds]])
  const signal = stopping ? AbortSignal.abort() : new AbortController().signal
  const opened = openOutcome(
    { readOutcome: read, outbox, events },
    {
      entry: ENTRY,
      of: { processId: 'p', lane: 'default@eu-west-1@m' as LaneName },
      text: 'x',
      rounds: known,
    },
    signal,
  )
  return { opened, told, rounds: known }
}

const away = () => Promise.reject(new Error('Console is away'))
const gone = () => Promise.reject(new SecretGone("Secret with name 'A' is not available"))

describe('an outcome whose secrets cannot be fetched', () => {
  test('is asked for again, and its entry kept meanwhile', async () => {
    let asked = 0
    const { opened, told } = opening(async () => {
      asked += 1
      return asked < 3 ? away() : OUTCOME
    })
    expect(await opened).toEqual(OUTCOME)
    expect(told).toEqual(['Console is away', 'kept', 'Console is away', 'kept'])
  })

  test('gives its place to others after a few times, however often', async () => {
    const { opened, rounds } = opening(away, { rounds: 1_000 })
    expect(await opened).toBeNull()
    expect(rounds.size).toBe(0)
  })

  test('goes to another reporter when this one stops', async () => {
    const { opened, told } = opening(away, { stopping: true })
    expect(await opened).toBeNull()
    expect(told).toEqual(['handed back'])
  })

  test('becomes an incident when a secret of it stays away for good', async () => {
    const first = opening(gone)
    expect(await first.opened).toBeNull()
    expect(first.rounds.get(ENTRY.entryId)).toBe(1)
    expect(await opening(gone, { rounds: 4 }).opened).toMatchObject({
      kind: 'failed',
      retries: 0,
      errorMessage: expect.stringContaining("Secret with name 'A' is not available"),
    })
  })
})
