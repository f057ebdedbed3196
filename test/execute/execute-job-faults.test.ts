// Nothing escapes the execution of a job: BullMQ would drop the queued job, and after its lease it would be paid again.
import { expect, it } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import { makeClaimStart } from '../../src/execute/claim.ts'
import { type ExecuteParts, makeJobRunner } from '../../src/execute/execute-job.ts'
import { makeJobRoom } from '../../src/execute/job-room.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import type { TurnEnd } from '../../src/execute/turns.ts'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { type QueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const JOB: QueuedJob = {
  ...{ key: jobKey('7'), epoch: 1, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3 },
  ...{ processDefinitionKey: '2', elementId: 'task', tenantId: 'gold', customHeaders: '{}', variables: '{}' },
}
const STARTED = {
  start: 'worker#1',
  waitedMs: 0,
  sends: 0,
  throttles: 0,
  outages: 0,
  failure: '',
  deaths: 0,
  died: false,
  moves: 0,
}
const CLAIM = { kind: 'ours', started: { ...STARTED, trace: '', executed: '' } }
const OOM = Object.assign(new Error("OOM command not allowed when used memory > 'maxmemory'."), {
  name: 'ReplyError',
})

/** A worker of one job, whose parts are those of `overrides` in place of what goes well. */
function worker(overrides: object) {
  const codec = makePayloadCodec()
  const stop = makeWorkerStop()
  const seen = {
    answers: [] as unknown[],
    ends: [] as TurnEnd[],
    settled: 0,
    calls: 0,
    cut: [] as unknown[],
    released: 0,
  }
  const events = makeEvents()
  events.on('callCut', (cut) => seen.cut.push(cut))
  const runner = makeJobRunner({
    ...{
      codec,
      room: makeJobRoom(),
      events,
      maxStarts: 3,
      maxSends: 4,
      maxWaitMs: 60_000,
      random: Math.random,
    },
    ...{ stop, tracing: NO_TRACING, proven: makeProvenCredentials() },
    ...{ callTimeoutMs: () => 1_000, claim: async () => CLAIM },
    store: {
      standing: async () => 'ours',
      defer: async () => 'ours',
      answer: async (_key: unknown, _epoch: unknown, { kind }: { kind: string }) => {
        seen.answers.push(kind)
        return true
      },
    },
    documents: { open: () => ({ close: () => undefined }) },
    caching: () => undefined,
    laneOf: async () => ({ account: 'default', region: 'eu-west-1', model: 'm' }),
    budgets: {
      check: async () => null,
      admit: async () => ({ kind: 'admitted', hold: { price: null, parts: [] } }),
      send: async () => undefined,
      settle: async () => {
        seen.settled += 1
      },
    },
    read: async () => ({
      kind: 'request',
      request: { call: { action: 'converse' }, credentials: { kind: 'chain' } },
      used: [],
      mask: String,
    }),
    rules: {
      responded: async () => ({ outcome: { kind: 'completed', variables: '{}' }, errorType: null }),
      faulted: () => ({ outcome: { kind: 'failed', retries: 2, message: 'a fault' }, errorType: null }),
    },
    call: async () => {
      seen.calls += 1
      return { kind: 'response', response: null, usage: NO_USAGE }
    },
    ...overrides,
  } as unknown as ExecuteParts)
  const turn = { lane: LANE, sentAt: 0, tokens: 1 }
  const open = {
    ...{ name: LANE, lane: { account: 'default', region: 'eu-west-1', model: 'm' }, spills: () => false },
    tokens: { measure: () => ({ estimate: { inputTokens: 1, maxTokens: 1 }, reserve: 2, used: () => null }) },
    turns: {
      take: async () => ({ kind: 'go', turn }),
      end: async (_turn: unknown, end: TurnEnd) => void seen.ends.push(end),
    },
  } as unknown as ServedLane
  const run = () =>
    runner.run(
      {
        ...{ id: 'z-7-1', name: '1 gold', payload: codec.encode(writeQueuedJob(JOB), 'z-7-1') },
        release: () => (seen.released += 1),
      },
      open,
    )
  return { run, seen, events, stop }
}

it('a job forgets its payload before its call', async () => {
  let released = 0
  const { run, seen } = worker({
    call: async () => {
      released = seen.released
      return { kind: 'response', response: null, usage: NO_USAGE }
    },
  })
  await run()
  expect(released).toBe(1)
})

it('a paid answer is stored even if every listener throws', async () => {
  const { run, seen, events } = worker({})
  for (const name of ['calling', 'called', 'started', 'answered'] as const) {
    events.on(name, () => {
      throw new Error('no such metric')
    })
  }
  expect(await run()).toEqual({ kind: 'finished' })
  expect(seen.answers).toEqual(['completed'])
})

it.each([
  ['the call', { call: () => Promise.reject(new TypeError('x is not a function')) }],
  [
    'what the answer comes to',
    { rules: { responded: () => Promise.reject(new TypeError('no')), ...faulted() } },
  ],
  ['reading the job', { read: () => Promise.reject(new RangeError('too deep')) }],
])(
  'an internal error in %s fails the job, and releases everything that it held',
  async (_where, overrides) => {
    const { run, seen } = worker(overrides)
    expect(await run()).toEqual({ kind: 'finished' })
    expect(seen.answers).toEqual(['failed'])
    expect(seen.ends.length).toBe(seen.settled)
  },
)

it('a claim that Redis refuses is retried, so that the job stays in its lane', async () => {
  let refused = 0
  const { run, seen } = worker({
    claim: makeClaimStart({
      store: {
        async start() {
          refused += 1
          if (refused < 3) throw OOM
          return CLAIM.started
        },
      },
      name: 'worker',
      runs: async () => false,
    }),
  })
  expect(await run()).toEqual({ kind: 'finished' })
  expect(refused).toBe(3)
  expect(seen.answers).toEqual(['completed'])
})

it('a command that Redis refuses while the process ends leaves the job in its lane', async () => {
  const { run, stop } = worker({
    store: { standing: async () => 'ours', answer: () => Promise.reject(OOM), defer: async () => 'ours' },
    call: async () => {
      stop.cut()
      return { kind: 'response', response: null, usage: NO_USAGE }
    },
  })
  expect(await run()).toEqual({ kind: 'delayed', delayMs: 5_000 })
})

it.each(['fetched', 'claimed', 'read', 'asked'] as const)(
  'no call begins after the process was told to stop while the job was %s',
  async (when) => {
    const leave = (): void => stop.leave()
    const { run, seen, stop } = worker({
      ...(when === 'claimed' && {
        claim: async () => {
          leave()
          return CLAIM
        },
      }),
      ...(when === 'read' && {
        // As when documents are read: it ends when it is told to, and not before.
        read: async (_job: unknown, { signal }: { readonly signal: AbortSignal }) => {
          setTimeout(leave)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return { kind: 'stopped' }
        },
      }),
      ...(when === 'asked' && {
        budgets: {
          check: async () => null,
          admit: async () => ({ kind: 'admitted', hold: { price: null, parts: [] } }),
          send: async () => leave(),
          settle: async () => undefined,
        },
      }),
    })
    if (when === 'fetched') leave()
    expect(await run()).toEqual({ kind: 'requeued' })
    expect(seen.calls).toBe(0)
    expect(seen.ends).toEqual(when === 'asked' ? [{ end: 'unknown', used: 0, retryAfterMs: 0 }] : [])
  },
)

it('a call that the end of the process cuts is logged with its duration', async () => {
  const { run, seen, stop } = worker({
    call: async () => {
      stop.cut()
      return { kind: 'failure', failure: { name: 'AbortError', message: 'aborted' } }
    },
  })
  expect(await run()).toEqual({ kind: 'requeued' })
  expect(seen.cut).toEqual([{ jobKey: JOB.key, processId: 'order', lane: LANE, ranMs: expect.any(Number) }])
})

function faulted() {
  return {
    faulted: () => ({ outcome: { kind: 'failed', retries: 2, message: 'a fault' }, errorType: null }),
  }
}
