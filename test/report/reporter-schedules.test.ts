// Random schedules: whatever Zeebe answers, and whenever, each outcome is reported, and none again after it was closed.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/camunda/gateway-error.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { JobKey } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { makeReporter, type Reporter } from '../../src/report/reporter.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'
import { keyOf, makeOutboxInMemory, NONE_UNREAD, type OutboxInMemory } from './outbox-in-memory.ts'

const ANSWERS = [
  'took',
  'lost',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'INTERNAL',
] as const
type Answered = (typeof ANSWERS)[number]

const FAILED: Outcome = { kind: 'failed', retries: 1, retryBackoffMs: 0, errorMessage: 'no', variables: '{}' }

/** Zeebe, as far as it takes commands: first it answers as scripted, then it accepts everything. */
class Zeebe {
  readonly taken = new Set<JobKey>()
  readonly wrong: string[] = []
  answers: Answered[]
  readonly #outbox: OutboxInMemory
  readonly #delays: () => number
  readonly #underWay = new Map<JobKey, number>()

  constructor(outbox: OutboxInMemory, answers: readonly Answered[], delays: () => number) {
    this.#outbox = outbox
    this.answers = [...answers]
    this.#delays = delays
  }

  /** @param alone - whether this is the only reporter. */
  port(alone: boolean): JobPort {
    const command = async ({ jobKey }: { readonly jobKey: JobKey }): Promise<void> => {
      const underWay = this.#underWay.get(jobKey) ?? 0
      this.#underWay.set(jobKey, underWay + 1)
      if (alone && underWay > 0) this.wrong.push(`${jobKey} was told twice at once`)
      if (!this.#outbox.isOpen(jobKey)) this.wrong.push(`${jobKey} was told after it was closed`)
      await sleep(this.#delays())
      this.#underWay.set(jobKey, (this.#underWay.get(jobKey) ?? 1) - 1)
      this.#answer(jobKey)
    }
    const topology = async () => ({ gatewayVersion: '8', clusterSize: 1, partitionsCount: 3 })
    return { complete: command, fail: command, throwError: command, topology } as unknown as JobPort
  }

  #answer(key: JobKey): void {
    const answer = this.answers.shift() ?? 'took'
    if (answer === 'took' || answer === 'lost') {
      if (this.taken.has(key)) throw new GatewayError('gone', { disposition: 'gone', status: 'NOT_FOUND' })
      this.taken.add(key)
      if (answer === 'took') return
    }
    const status = answer === 'lost' ? 'DEADLINE_EXCEEDED' : answer
    throw new GatewayError(status, { disposition: 'later', status })
  }
}

function start(outbox: OutboxInMemory, name: string, port: JobPort): Reporter {
  const reporter = makeReporter({
    ...{ port, events: makeEvents(), store: outbox.store, outbox: outbox.as(name), tracing: NO_TRACING },
    ...{ codec: makePayloadCodec([]), random: Math.random, leaseMs: 60_000, unread: NONE_UNREAD },
    ...{ readOutcome: async (text) => JSON.parse(text) as Outcome, secretsOf: () => [] },
  })
  reporter.start()
  return reporter
}

/** An outcome that is refused six times for a reason of its own pauses for a minute; so at most five times here. */
const answers = fc
  .array(fc.constantFrom(...ANSWERS), { maxLength: 60 })
  .map((some) =>
    some.filter(
      (answer, at) =>
        answer !== 'INTERNAL' || some.slice(0, at).filter((each) => each === 'INTERNAL').length < 5,
    ),
  )

const plan = fc.record({
  answers,
  batches: fc.array(
    fc.record({ partition: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: 40 }) }),
    { minLength: 1, maxLength: 5 },
  ),
  delayMs: fc.nat(8),
})

function put(outbox: OutboxInMemory, batches: readonly { partition: number; count: number }[]): JobKey[] {
  return batches.flatMap(({ partition, count }, batch) => {
    const keys = Array.from({ length: count }, (_, index) => keyOf(partition, batch * 1_000 + index))
    outbox.put(keys, batch % 2 === 0 ? undefined : FAILED)
    return keys
  })
}

async function allTold(outbox: OutboxInMemory): Promise<void> {
  while (outbox.open() > 0) await sleep(5)
}

describe('a reporter', () => {
  it('reports each outcome, never twice at the same time, and never after it was closed', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ answers, batches, delayMs }) => {
        const outbox = makeOutboxInMemory()
        const zeebe = new Zeebe(outbox, answers, () => Math.random() * delayMs)
        const reporter = start(outbox, 'one', zeebe.port(true))
        const keys = put(outbox, batches)
        await allTold(outbox)
        await reporter.stop(1_000)
        expect(zeebe.wrong).toEqual([])
        expect(zeebe.taken).toEqual(new Set(keys))
      }),
      { numRuns: 12 },
    )
  })

  it('that stops leaves the rest to another, which reports it', async () => {
    await fc.assert(
      fc.asyncProperty(plan, fc.nat(60), async ({ answers, batches, delayMs }, stopsAfterMs) => {
        const outbox = makeOutboxInMemory()
        const zeebe = new Zeebe(outbox, answers, () => Math.random() * delayMs)
        const first = start(outbox, 'one', zeebe.port(true))
        const keys = put(outbox, batches)
        await sleep(stopsAfterMs)
        await first.stop(10)
        const second = start(outbox, 'two', zeebe.port(false))
        await allTold(outbox)
        await second.stop(1_000)
        expect(zeebe.taken).toEqual(new Set(keys))
      }),
      { numRuns: 8 },
    )
  })
})
