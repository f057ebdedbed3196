// Calls with a schema for the answer, and calls with a cache point: what is sent, who waits, and how it ends.
import { describe, expect, it } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import { HERE } from '../../src/aside/aside.ts'
import type { FailedAnswer } from '../../src/bedrock/answer-schema.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import type { CallAnswer } from '../../src/execute/bedrock-caller.ts'
import type { Sending } from '../../src/execute/call-in-turn.ts'
import { type CheckedCallParts, COMPILING_MS, callChecked } from '../../src/execute/checked-call.ts'
import { makeSchemaChecks } from '../../src/execute/schema-checks.ts'
import { makeSharedPrefixes } from '../../src/execute/shared-prefixes.ts'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import type { QueuedJob } from '../../src/job/queued-job.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'
import type { CachingRule } from '../../src/rules/lane-rules.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const MODEL = 'anthropic.claude-sonnet-4-6'
const LANE = `default@eu-west-1@${MODEL}` as LaneName
const job: QueuedJob = {
  ...{ key: jobKey('7'), epoch: 1, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3 },
  ...{ processDefinitionKey: '2', elementId: 'task', tenantId: 'gold', customHeaders: '{}', variables: '{}' },
}
const NUMBER = { type: 'number' }

function requestOf(data: object) {
  const task = { configuration: { region: 'eu-west-1' }, action: 'converse' }
  const asked = {
    ...task,
    authentication: { type: 'defaultCredentialsChain' },
    data: { modelId: MODEL, newMessage: 'How much?', ...data },
  }
  const bound = bindRequest(JSON.stringify(asked), { compatibility: '8.9' })
  if (!bound.ok) throw new Error(bound.error.message)
  return bound.request
}

const said = (text: string, stopReason = 'end_turn'): CallAnswer => ({
  ...{ kind: 'response', response: { text }, usage: NO_USAGE, stopReason },
  message: { role: 'assistant', content: [{ text }] },
})
const failure = (status: number): CallAnswer => ({
  kind: 'failure',
  failure: { name: 'Error', message: '', status },
})

interface Setting {
  readonly data?: object
  readonly answer?: CallAnswer
  readonly failed?: readonly FailedAnswer[]
  /** What Redis says of the first call, in turn. @default goes ahead */
  readonly first?: ('known' | 'wait')[]
  readonly caching?: readonly CachingRule[]
  readonly prefixes?: CheckedCallParts['prefixes']
}

async function called({
  data = { schema: NUMBER },
  answer = said('1'),
  failed = [],
  first,
  ...over
}: Setting) {
  const seen = {
    bodies: [] as string[],
    timeouts: [] as number[],
    kept: [] as number[],
    entered: 0,
    characters: 0,
  }
  const ahead = { ended: async (keepMs: number) => void seen.kept.push(keepMs) }
  const enter = async () => {
    seen.entered += 1
    return first === undefined ? ahead : (first.shift() ?? 'known')
  }
  const parts = {
    ...{ events: makeEvents(), callTimeoutMs: () => 1_000, onOutage: 'wait', random: () => 0.5 },
    proven: makeProvenCredentials(),
    requestMetadata: 'never',
    schemas: makeSchemaChecks(HERE),
    firstCalls: { enter, enterBriefly: enter, keep: async () => undefined },
    caching: () => over.caching,
    prefixes: over.prefixes ?? makeSharedPrefixes(),
    call: async ({ call }: { call: { body: string } }, { timeoutMs }: { timeoutMs: number }) => {
      seen.bodies.push(call.body)
      seen.timeouts.push(timeoutMs)
      return answer
    },
    budgets: {
      admit: async () => ({ kind: 'admitted', hold: { price: null, parts: [] } }),
      send: async () => undefined,
      settle: async () => undefined,
    },
  } as unknown as CheckedCallParts
  const turn = { lane: LANE, sentAt: 0, tokens: 2 }
  const lane = { account: 'default', region: 'eu-west-1', model: MODEL }
  const sending = {
    ...{ job, lane, request: requestOf(data), waitedMs: 0, patienceMs: 60_000, sent: 0 },
    ...{ stop: makeWorkerStop(), trial: null, standing: async () => 'ours' },
    served: {
      ...{ name: LANE, lane, model: () => MODEL },
      tokens: {
        measure: ({ size }: { size: { characters: number } }) => {
          seen.characters = size.characters
          return { estimate: { inputTokens: 1, maxTokens: 1 }, reserve: 2, used: () => 1 }
        },
      },
      turns: { take: async () => ({ kind: 'go', turn }), end: async () => undefined },
    },
  } as unknown as Sending
  return { end: await callChecked(parts, sending, failed), ...seen }
}

const violated = (text: string): FailedAnswer => ({
  message: { role: 'assistant', content: [{ text }] },
  violations: [{ path: '', keyword: 'type', message: 'must be number' }],
})

describe('an answer', () => {
  it('that satisfies the schema is the response, with the parsed answer, digit for digit', async () => {
    const { end } = await called({ answer: said('12345678901234567890'), failed: [violated('"x"')] })
    expect(end).toMatchObject({ kind: 'answered', answer: { response: { repairTurns: 1 } } })
    expect(JSON.stringify(end)).toContain('"json":12345678901234567890,')
  })

  it('that violates it is repaired, after those before, as often as the task allows', async () => {
    const data = { schema: NUMBER, repairTurns: 2 }
    const wrong = said('"x"')
    expect((await called({ data, answer: wrong })).end).toMatchObject({ kind: 'violated', turns: 0 })
    const { end, bodies, characters } = await called({ data, answer: wrong, failed: [violated('"a"')] })
    expect(characters).toBeGreaterThan((await called({ data })).characters + 100)
    expect(end).toMatchObject({ turns: 1, repairs: [violated('"a"'), violated('"x"')] })
    expect(JSON.parse(bodies[0] ?? '').messages).toHaveLength(3)
    const twice = [violated('"a"'), violated('"b"')]
    expect((await called({ data, answer: wrong, failed: twice })).end).toMatchObject({ repairs: null })
    const none = { schema: NUMBER, repairTurns: 0 }
    expect((await called({ data: none, answer: wrong })).end).toMatchObject({ repairs: null })
  })

  it('that is too long to be kept is not repaired', async () => {
    const answer = said(JSON.stringify('x'.repeat(500_000)))
    expect((await called({ answer })).end).toMatchObject({ kind: 'violated', repairs: null })
  })

  it('that was cut is not repaired, and is left to the BPMN error that the task asks for', async () => {
    const answer = said('1', 'max_tokens')
    const { end } = await called({ answer })
    expect(end).toMatchObject({ violations: [{ keyword: 'stopReason' }], repairs: null })
    const data = { schema: NUMBER, bpmnErrors: ['max_tokens'] }
    expect((await called({ data, answer })).end).toMatchObject({
      kind: 'answered',
      answer: { response: { json: null } },
    })
  })

  it('that asks for a tool is not checked', async () => {
    expect((await called({ answer: said('', 'tool_use') })).end).toMatchObject({ kind: 'answered' })
  })
})

describe('a schema', () => {
  it('that cannot be used costs no call', async () => {
    const { end, bodies } = await called({ data: { schema: { type: 'nothing' } } })
    expect(end).toMatchObject({ kind: 'wrongSchema', error: { input: true } })
    expect(bodies).toEqual([])
  })

  it.each<[string, CallAnswer, number]>([
    ['an answer', said('1'), 24 * 3_600_000],
    ['an answer that violates it', said('"x"'), 24 * 3_600_000],
    ['a refused request', failure(400), 60_000],
    ['a throttle', failure(429), 0],
    ['an outage', failure(503), 0],
  ])('is known after its first call ends with %s, for a while', async (_end, answer, keptMs) => {
    const { kept, timeouts } = await called({ answer })
    expect(kept).toEqual([keptMs])
    expect(timeouts).toEqual([COMPILING_MS])
  })

  it('that another call compiles is waited for without a call; a known one is not', async () => {
    const waiting = await called({ first: ['wait'] })
    expect(waiting).toMatchObject({ end: { kind: 'schemaWait', delayMs: 3_000 }, bodies: [] })
    expect((await called({ first: ['known'] })).timeouts).toEqual([1_000])
  })

  it('in the system prompt is compiled by nobody', async () => {
    const { entered, bodies } = await called({ data: { schema: NUMBER, schemaSent: 'prompt' } })
    expect({ entered, calls: bodies.length }).toEqual({ entered: 0, calls: 1 })
  })
})

describe('a cache point by a rule', () => {
  const data = { system: 'Be brief. '.repeat(500) }

  it('is set from the second call of a flow on, once another has written the cache', async () => {
    const prefixes = makeSharedPrefixes()
    const setting = { data, prefixes, caching: [{ model: '*anthropic*' }] }
    const first = await called(setting)
    expect(first).toMatchObject({ entered: 0, bodies: [requestOf(data).call.body] })
    const second = await called(setting)
    expect(JSON.parse(second.bodies[0] ?? '').system[1]).toEqual({ cachePoint: { type: 'default' } })
    expect(second.kept).toEqual([270_000])
    expect((await called({ ...setting, first: ['wait', 'wait', 'known'] })).entered).toBe(3)
  })

  it.each<[string, object, readonly CachingRule[] | undefined]>([
    ['without a rule', data, undefined],
    ['that fits another tenant', data, [{ tenant: 'silver' }]],
    ['that is off for this one', data, [{ tenant: 'gold', off: true }, {}]],
    ['for less than the minimum of the model', { system: 'Be brief.' }, [{}]],
    ['beside points of the task', { ...data, cachePoints: ['message'] }, [{}]],
  ])('is not set %s: the request is the same byte for byte', async (_why, given, caching) => {
    const prefixes = makeSharedPrefixes()
    for (const _ of [1, 2]) {
      const { bodies } = await called({
        data: given,
        prefixes,
        ...(caching === undefined ? {} : { caching }),
      })
      expect(bodies).toEqual([requestOf(given).call.body])
    }
  })
})
