// Whatever comes of a call, what was held of budgets and the turn that was taken are settled, once.
import { describe, expect, it, vi } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import type { BedrockRequest } from '../../src/connector/bedrock-request.ts'
import { type CallInTurnParts, callInTurn, type Sending } from '../../src/execute/call-in-turn.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import type { Taken, TurnEnd } from '../../src/execute/turns.ts'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { parseLaneName } from '../../src/job/lane.ts'
import type { QueuedJob } from '../../src/job/queued-job.ts'
import { NO_USAGE, type TokenUsage } from '../../src/job/token-usage.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const OTHER = 'default@us-east-1@n' as LaneName
const job: QueuedJob = {
  ...{ key: jobKey('7'), epoch: 1, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3 },
  ...{ processDefinitionKey: '2', elementId: 'task', tenantId: 'gold', customHeaders: '{}', variables: '{}' },
}
const credentials = { kind: 'static', accessKey: 'AKIA', secretKey: 'guessed' } as const
const REQUEST = { call: { action: 'converse' }, credentials } as unknown as BedrockRequest
const go = (lane = LANE): Taken => ({ kind: 'go', turn: { lane, sentAt: 0, tokens: 2 } })
const afterAWait: Taken = { kind: 'go', turn: { lane: LANE, sentAt: 0, tokens: 2 }, waitedFor: 'requests' }
const UNUSED = { end: 'unknown', used: 0, retryAfterMs: 0 }
const usage = { ...NO_USAGE, input: 5, output: 3 }
const never = new Promise<never>(() => undefined)

interface Overrides {
  readonly taken?: Taken | Promise<Taken>
  /** Whether a trial may be sent beside the line. @default true */
  readonly beside?: boolean
  readonly sending?: Partial<Sending>
  readonly call?: CallInTurnParts['call']
}

/** Calls in a turn whose parts are those of `overrides` in place of what goes well. */
async function called({ taken = go(), beside = true, sending, call }: Overrides) {
  const seen = { settled: [] as [TokenUsage, string | undefined][], ends: [] as TurnEnd[], unfetched: 0 }
  const proven = makeProvenCredentials()
  const parts = {
    ...{ events: makeEvents(), callTimeoutMs: () => 1_000, onOutage: 'wait', proven },
    call: call ?? (async () => ({ kind: 'response', response: null, usage })),
    budgets: {
      admit: async () => ({ kind: 'admitted', hold: { price: null, parts: [] } }),
      send: async () => undefined,
      settle: async (_hold: unknown, used: TokenUsage, model?: string) =>
        void seen.settled.push([used, model]),
    },
  } as unknown as CallInTurnParts
  const served = {
    ...{ name: LANE, lane: parseLaneName(LANE), spills: () => false },
    unfetched: async () => {
      seen.unfetched += 1
    },
    tokens: { measure: () => ({ estimate: { inputTokens: 4, maxTokens: 1 }, reserve: 5, used: () => 8 }) },
    turns: {
      take: (_candidate: unknown, signal: AbortSignal) =>
        Promise.race([
          taken,
          new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'stopped' }))),
        ]),
      trial: async (tokens: number) => (beside ? { lane: LANE, sentAt: 0, tokens, isTrial: true } : null),
      end: async (_turn: unknown, end: TurnEnd) => void seen.ends.push(end),
    },
  } as unknown as ServedLane
  const end = callInTurn(parts, {
    ...{ job, served, lane: served.lane, request: REQUEST },
    ...{ waitedMs: 0, patienceMs: 60_000, sent: 0, stop: makeWorkerStop() },
    ...{ trial: null, claimedAtMs: performance.now(), standing: async () => 'ours' as const },
    ...sending,
  })
  const ended = await end.catch((error: Error) => error)
  return { end: ended, ...seen, isProven: proven.has(REQUEST.credentials) }
}

describe('the held amount is settled once,', () => {
  const stopped = makeWorkerStop()
  stopped.leave()

  it.each<[string, Overrides, object]>([
    ['when its turn is not soon', { taken: { kind: 'later', waitMs: 9 } }, { kind: 'notSoon', waitMs: 9 }],
    ['when its patience ends in the line', { taken: never, sending: { patienceMs: 1 } }, { kind: 'overdue' }],
  ])('%s: no tokens and no turn were taken', async (_when, overrides, end) => {
    expect(await called(overrides)).toMatchObject({
      end,
      settled: [[NO_USAGE, undefined]],
      ends: [],
      unfetched: 0,
    })
  })

  it.each<[string, Overrides, object]>([
    [
      'when another has the job after it waited for its turn',
      { taken: afterAWait, sending: { standing: async () => 'taken' } },
      { kind: 'lost' },
    ],
    [
      'when another has the job some time after it was claimed',
      { sending: { claimedAtMs: performance.now() - 1_000, standing: async () => 'taken' } },
      { kind: 'lost' },
    ],
    ['when the call throws', { call: () => Promise.reject(new TypeError('no')) }, { name: 'TypeError' }],
    [
      'when the worker is told to stop while it asks whose the job is',
      (() => {
        const stop = makeWorkerStop()
        const standing = async () => {
          stop.leave()
          return 'ours' as const
        }
        return { taken: afterAWait, sending: { stop, standing } }
      })(),
      { kind: 'stopped' },
    ],
  ])('%s: no tokens were taken, and the turn is given back', async (_when, overrides, end) => {
    const seen = await called(overrides)
    expect(seen.end).toMatchObject(end)
    expect(seen).toMatchObject({ settled: [[NO_USAGE, undefined]], ends: [UNUSED] })
  })

  it('at nothing before the budgets answered', async () => {
    expect(await called({ sending: { stop: stopped } })).toMatchObject({
      end: { kind: 'stopped' },
      settled: [],
    })
  })

  it('at the usage in the answer', async () => {
    const { end, settled, ends } = await called({})
    expect(end).toMatchObject({ kind: 'answered', ranIn: LANE })
    expect(settled).toEqual([[usage, undefined]])
    expect(ends).toEqual([{ end: 'ok', used: 8, retryAfterMs: 0 }])
  })

  it('at the price of the model that was called elsewhere', async () => {
    const { end, settled } = await called({ taken: go(OTHER) })
    expect(end).toMatchObject({ kind: 'answered', ranIn: OTHER })
    expect(settled).toEqual([[usage, 'n']])
  })

  it('and the fetch is given back if AWS did not check a quota', async () => {
    const failure = { name: 'UnrecognizedClientException', status: 403, message: '' }
    const { unfetched, ends } = await called({ call: async () => ({ kind: 'failure', failure }) })
    expect([unfetched, ends[0]?.end]).toEqual([1, 'refused'])
  })
})

describe('a trial', () => {
  const trial = () => ({ isNeeded: () => true, [Symbol.dispose]: vi.fn() })

  it('that AWS accepts passes a queue in which nothing moves, and proves its credential', async () => {
    const place = trial()
    const seen = await called({ taken: never, sending: { trial: place } })
    expect(seen).toMatchObject({ end: { kind: 'answered' }, isProven: true, unfetched: 0 })
    expect(place[Symbol.dispose]).not.toHaveBeenCalled()
  })

  it('that AWS refuses proves nothing, and its fetch is not given back a second time', async () => {
    const failure = { name: 'UnrecognizedClientException', status: 403, message: '' }
    const call = async () => ({ kind: 'failure' as const, failure })
    const seen = await called({ taken: never, call, sending: { trial: trial() } })
    expect(seen).toMatchObject({ ends: [{ end: 'refused' }], isProven: false, unfetched: 0 })
  })

  it.each([
    ['that the lane does not let through', { beside: false }, {}],
    ['whose credential was proven meanwhile', {}, { isNeeded: () => false }],
  ])('%s releases its trial place and waits for its turn', async (_, overrides, given) => {
    const place = { ...trial(), ...given }
    const seen = await called({
      ...overrides,
      taken: { kind: 'later', waitMs: 9 },
      sending: { trial: place },
    })
    expect(seen.end).toEqual({ kind: 'notSoon', waitMs: 9 })
    expect(place[Symbol.dispose]).toHaveBeenCalled()
  })
})
