// Jobs that waited too long, one of which cannot be expired: the others are.
import { randomBytes } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { type ExpiryParts, makeExpirySweep } from '../../src/execute/expire-waiting.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { writeQueuedJob } from '../../src/job/queued-job.ts'
import type { HeldJob } from '../../src/ledger/read-held.ts'
import { makePayloadCodec, payloadKey } from '../../src/payload/payload-codec.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const JOB = {
  ...{ epoch: 1, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3, variables: '{}' },
  ...{ processDefinitionKey: '2', elementId: 'task', tenantId: 'gold', customHeaders: '{}' },
}

function held(key: string, state = 'queued'): HeldJob {
  return {
    ...{ key: jobKey(key), state, epoch: 1, lane: LANE, waitedMs: 3_600_000, sends: 0 },
    ...{ failure: '', trace: '' },
  }
}

/** Sweeps over these jobs of one shard. */
function sweeping(jobs: HeldJob[], codec = makePayloadCodec()) {
  const events = makeEvents()
  const seen = {
    ...{ answered: [] as string[], abandoned: [] as string[], faults: [] as string[], looks: 0, passed: 0 },
    refused: [] as string[],
  }
  events.on('jobFault', ({ jobKey: key }: QuarryEvents['jobFault'][0]) => seen.faults.push(key))
  events.on('payloadRefused', ({ jobKey: key }: QuarryEvents['payloadRefused'][0]) => seen.refused.push(key))
  const gone = (key: string) => {
    jobs.splice(
      jobs.findIndex((job) => job.key === key),
      1,
    )
    return true
  }
  const sweep = makeExpirySweep({
    ...{ codec, events, tracing: NO_TRACING, maxWaitMs: 1_000, leaseMs: 1_000 },
    duty: {
      isMine: async () => true,
      async pass() {
        seen.passed += 1
      },
    },
    store: {
      overdueShards: async () => [0],
      pastPatience: async () => [],
      heldLongerThan: async (shard: number, _olderThanMs: number, { offset }: { offset: number }) => {
        if (shard !== 0) return []
        seen.looks += 1
        return jobs.slice(offset)
      },
      answer: async (key: string) => {
        seen.answered.push(key)
        return gone(key)
      },
      abandon: async (key: string) => {
        seen.abandoned.push(key)
        return gone(key)
      },
    },
    lanes: {
      peek: async (_lane: LaneName, id: string) => {
        const [, key = ''] = id.split('-')
        if (key === '64') return makePayloadCodec().encode('[]', id)
        return codec.encode(writeQueuedJob({ ...JOB, key: jobKey(key) }), id)
      },
      remove: async () => undefined,
    },
    overdue: async ({ key }: { key: string }) => {
      if (key === '16') throw new TypeError('x is not a function')
      return { outcome: { kind: 'failed', retries: 2, message: 'waited' }, errorType: null }
    },
  } as unknown as ExpiryParts)
  onTestFinished(() => sweep.stop())
  sweep.start()
  return seen
}

it('an expired job whose expiry throws is reported once, and blocks none behind it', async () => {
  const seen = sweeping([held('16'), held('32'), held('48')])
  await expect.poll(() => seen.looks, { timeout: 10_000 }).toBeGreaterThan(3)
  expect(seen.answered).toEqual(['32', '48'])
  expect(seen.faults).toEqual(['16'])
})

it('an expired job whose record was lost is removed', async () => {
  const seen = sweeping([held('16', 'gone'), held('32')])
  await expect.poll(() => seen.answered, { timeout: 10_000 }).toEqual(['32'])
  expect(seen.abandoned).toEqual(['16'])
})

it('an expired job that Quarry did not write is reported once, and not ended', async () => {
  const codec = makePayloadCodec([payloadKey(randomBytes(32).toString('base64'))])
  const seen = sweeping([held('32'), held('64')], codec)
  await expect.poll(() => seen.looks, { timeout: 10_000 }).toBeGreaterThan(2)
  expect(seen).toMatchObject({ answered: ['32'], refused: ['64'], faults: [] })
  expect(seen.passed, 'another worker may have its key').toBeGreaterThan(0)
})
