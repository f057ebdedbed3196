// Redis answers a budget with an error: the job waits, and is told.
import { expect, it } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import type { Refusal } from '../../src/budgets/budget-refusal.ts'
import type { Admission } from '../../src/budgets/budgets.ts'
import type { BedrockRequest } from '../../src/connector/bedrock-request.ts'
import { type CallInTurnParts, callInTurn, type Sending } from '../../src/execute/call-in-turn.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { JOB, runJob } from './job-runs.ts'

const OOM = new Error("OOM command not allowed when used memory > 'maxmemory'.")

/** Rejects the first times, and notes with what it was called. */
function failing<Result>(times: number, result: Result) {
  const asked: unknown[][] = []
  const answer = async (...given: unknown[]): Promise<Result> => {
    asked.push(given)
    if (asked.length <= times) throw OOM
    return result
  }
  return { asked, answer }
}

function servedLane(): ServedLane {
  const name = 'default@eu-west-1@m' as LaneName
  const lane = { account: 'default', region: 'eu-west-1', model: 'm' }
  const turn = { lane: name, sentAt: 0, tokens: 1 }
  return {
    ...{ name, lane, spills: () => false },
    tokens: {
      measure: () => ({ estimate: { inputTokens: 1, maxTokens: 1 }, reserve: 2, used: () => null }),
    },
    turns: {
      take: async () => ({ kind: 'go', turn }),
      end: async () => undefined,
      closed: async () => false,
    },
  } as unknown as ServedLane
}

function toldTo() {
  const events = makeEvents()
  const faults: unknown[] = []
  events.on('jobFault', (fault) => faults.push(fault))
  return { events, faults }
}

it('a job whose budgets cannot be read stays with its worker until they can', async () => {
  const { events, faults } = toldTo()
  const refusal: Refusal = { kind: 'wait', delayMs: 5_000, budget: 'tight', usedUp: null }
  const check = failing(2, refusal)
  const started = { deaths: 0, start: 'worker#1', died: false, moves: 0 }
  const run = runJob({ events, lane: servedLane(), started, check: check.answer })
  expect(await run).toMatchObject({ kind: 'delayed', delayMs: 5_000 })
  expect(check.asked).toHaveLength(3)
  expect(faults).toHaveLength(2)
  expect(faults[0]).toMatchObject({ jobKey: JOB.key, error: OOM })
})

function paced(times: number) {
  const { events, faults } = toldTo()
  const admission: Admission = { kind: 'admitted', hold: { price: null, parts: [] } }
  const admit = failing(times, admission)
  const stop = makeWorkerStop()
  const parts = {
    ...{ events, callTimeoutMs: () => 1_000, proven: makeProvenCredentials() },
    call: async () => ({ kind: 'response', response: null, usage: NO_USAGE }),
    budgets: { admit: admit.answer, send: async () => undefined, settle: async () => undefined },
  } as unknown as CallInTurnParts
  const request = {
    call: { action: 'converse' },
    credentials: { kind: 'chain' },
  } as unknown as BedrockRequest
  const call: Sending = {
    ...{
      job: JOB,
      served: servedLane(),
      lane: servedLane().lane,
      request,
      waitedMs: 0,
      patienceMs: 60_000,
      sent: 0,
      stop,
      trial: null,
      claimedAtMs: performance.now(),
      standing: async () => 'ours',
    },
  }
  return { parts, call, admit, stop, faults }
}

it('a call retries its budgets under the same name, so that nothing is held twice', async () => {
  const { parts, call, admit, faults } = paced(2)
  expect((await callInTurn(parts, call)).kind).toBe('answered')
  expect(new Set(admit.asked.map(([, , , name]) => name)).size).toBe(1)
  expect(admit.asked[0]?.[3]).toEqual(expect.any(String))
  expect(faults).toHaveLength(2)
})

it('a call is not sent before its budgets recorded it, since its worker may die during the call', async () => {
  const { parts, call } = paced(0)
  const send = failing(2, undefined)
  const done: string[] = []
  const answer = await callInTurn(
    {
      ...parts,
      budgets: { ...parts.budgets, send: () => send.answer().then(() => void done.push('told')) },
      call: (...asked) => {
        done.push('sent')
        return parts.call(...asked)
      },
    },
    call,
  )
  expect(answer.kind).toBe('answered')
  expect(send.asked).toHaveLength(3)
  expect(done).toEqual(['told', 'sent'])
})

it('a job that is stopped while it waits for its budgets goes back into its lane', async () => {
  const { parts, call, admit, stop } = paced(Number.POSITIVE_INFINITY)
  const answer = callInTurn(parts, call)
  await expect.poll(() => admit.asked.length).toBeGreaterThan(1)
  stop.cut()
  expect((await answer).kind).toBe('stopped')
})
