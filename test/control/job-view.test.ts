import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type JobCircumstances, type JobView, roughly, whyItWaits } from '../../src/control/job-view.ts'
import { jobKey } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'

const LANE = { account: 'default', region: 'eu-west-1', model: 'm' }
const WAITING: Omit<JobView, 'why'> = {
  ...{
    key: jobKey('2251799813685249'),
    epoch: 1,
    tenantId: 't',
    processId: 'p',
    lane: laneName(LANE),
    ...LANE,
  },
  ...{
    state: 'queued',
    place: 'waiting',
    waitedMs: 1_000,
    leaseLeftMs: null,
    sends: 0,
    throttles: 0,
    outages: 0,
    deaths: 0,
  },
  ...{ ahead: 412, turnInMs: 180_000, outcome: null, lastFailure: null },
  ...{ elementId: 'e', processInstanceKey: '1', error: null, endedAgoMs: null },
}
const CALM: JobCircumstances = {
  lane: { state: 'running', by: null, served: true, outage: null, cooldownMs: 0, cooldownWhy: null },
  ...{ forBudget: false, startedMs: null, retriesLeft: null, reporting: true },
}
type Lane = JobCircumstances['lane']
interface Case {
  readonly view?: Partial<JobView>
  readonly lane?: Partial<Lane>
  readonly facts?: Partial<JobCircumstances>
}
const why = ({ view = {}, lane = {}, facts = {} }: Case) =>
  whyItWaits({ ...WAITING, ...view }, { ...CALM, ...facts, lane: { ...CALM.lane, ...lane } })

const DELAYED = { place: 'delayed', ahead: null, turnInMs: 9_000 } as const
const BUDGET = 'The budget trial is used up: 5 of 5 tokens were spent in this day.'

const OUTAGE = { lastedMs: 130_000, why: 'No connection to b.example:443. Look at the network.' }

const HELD: readonly [string, Case][] = [
  ['waits for pace: 412 ahead, about 3 min', {}],
  ['waits for pace: 412 ahead, time unknown', { view: { turnInMs: null } }],
  ['waits for pace: none ahead, about 0 s', { view: { ahead: 0, turnInMs: 0 } }],
  ['waits: its lane is paused by ann@desk', { lane: { state: 'paused', by: 'ann@desk' } }],
  ['waits: its lane is paused', { lane: { state: 'paused', served: false, cooldownMs: 5 } }],
  ['waits: its lane is paused', { view: DELAYED, lane: { state: 'paused' } }],
  [
    'waits for pace: 412 ahead, about 3 min, its lane is being drained by ann@desk',
    { lane: { state: 'draining', by: 'ann@desk' } },
  ],
  ['waits: no running worker serves its lane', { lane: { served: false, cooldownMs: 5_000 } }],
  ['waits for the cooldown of its lane: 42 s left, 412 ahead', { lane: { cooldownMs: 42_000 } }],
  [
    'waits for the cooldown of its lane, as the tokens per day are used up: 42 s left, 412 ahead',
    { lane: { cooldownMs: 42_000, cooldownWhy: 'the tokens per day are used up' } },
  ],
  [
    `waits: its lane has been in an outage for 2 min: ${OUTAGE.why}`,
    { lane: { outage: OUTAGE, cooldownMs: 5_000 } },
  ],
  [
    `waits: its lane has been in an outage for 2 min: ${OUTAGE.why}`,
    { view: { ...DELAYED, lastFailure: 'Error' }, lane: { outage: OUTAGE, state: 'draining' } },
  ],
  ['waits: its lane is paused', { lane: { state: 'paused', outage: OUTAGE } }],
  [
    `waits for a budget, checks again in 9 s: ${BUDGET}`,
    { view: { ...DELAYED, lastFailure: BUDGET }, lane: { outage: OUTAGE }, facts: { forBudget: true } },
  ],
  [
    `waits for a budget, checks again in 9 s: ${BUDGET}`,
    { view: { ...DELAYED, lastFailure: BUDGET }, facts: { forBudget: true } },
  ],
  [
    'is delayed after ThrottlingException (429): next try in 9 s',
    { view: { ...DELAYED, lastFailure: 'ThrottlingException (429)' } },
  ],
  ['is delayed because 3 of its workers died: next try in 9 s', { view: { ...DELAYED, deaths: 3 } }],
  ['is delayed by its worker: next try soon', { view: { ...DELAYED, turnInMs: null } }],
  [
    'is with a worker for 12 s: its call runs, or waits there for its turn',
    { view: { state: 'running', place: 'active' }, facts: { startedMs: 12_000 } },
  ],
  [
    `is with a worker for 12 s: its call runs, or waits there for its turn; its lane has been in an outage for 2 min: ${OUTAGE.why}`,
    { view: { state: 'running', place: 'active' }, facts: { startedMs: 12_000 }, lane: { outage: OUTAGE } },
  ],
  ['is being started by a worker', { view: { place: 'active' } }],
  [
    'is in no lane: an adapter lets Zeebe hand it out again, within seconds',
    { view: { place: 'missing' }, lane: { served: false } },
  ],
  [
    'is recorded as running, but is not in its lane: Zeebe hands it out again once its worker is known to be gone',
    { view: { state: 'running', place: 'missing' } },
  ],
]

describe('the sentence about a held job', () => {
  it.each(HELD)('%s', (sentence, given) => {
    expect(why(given)).toBe(sentence)
  })
})

const ANSWERED: readonly [string, Case][] = [
  [
    'is answered (completed), and its result is not yet reported: an adapter reports it as soon as Zeebe accepts it',
    { view: { state: 'answered', outcome: 'completed' } },
  ],
  [
    'is answered, and its result is not yet reported: no adapter is running',
    { view: { state: 'answered' }, facts: { reporting: false } },
  ],
  [
    'failed with no retries left: Camunda has an incident for it',
    { view: { state: 'released' }, facts: { retriesLeft: 0 } },
  ],
  [
    'failed, 1 retry left: Zeebe hands it out again after its back-off',
    { view: { state: 'released' }, facts: { retriesLeft: 1 } },
  ],
  [
    'is answered, but another worker had failed it: its result is reported when Zeebe hands it out again',
    { view: { state: 'kept' } },
  ],
  ['is done: Zeebe accepted its completion', { view: { state: 'done', outcome: 'completed' } }],
  ['is done: Zeebe accepted its BPMN error', { view: { state: 'done', outcome: 'bpmnError' } }],
  ['is done: Zeebe no longer has it', { view: { state: 'done' } }],
]

describe('the sentence about an answered job', () => {
  it.each(ANSWERED)('%s', (sentence, given) => {
    expect(why(given)).toBe(sentence)
  })
})

it.each([
  [0, '0 s'],
  [-5, '0 s'],
  [89_000, '89 s'],
  [90_000, '2 min'],
  [60 * 89_000, '89 min'],
  [5 * 3_600_000, '5 h'],
  [3 * 86_400_000, '3 d'],
])('%d ms are roughly %s', (ms, text) => {
  expect(roughly(ms)).toBe(text)
})

it('docs/commands.md explains every sentence about a job', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
  const explained = [...page.matchAll(/`((?:is|waits|failed)[ :,][^`]+)`/g)].map(([, text = '']) =>
    pattern(text),
  )
  const sentences = [...HELD, ...ANSWERED].map(([sentence]) => sentence)
  expect(sentences.filter((sentence) => !explained.some((each) => each.test(sentence)))).toEqual([])
})

/** How a sentence begins that is explained by this one, whatever its figures and names. */
function pattern(text: string): RegExp {
  const begin = text.replace(/…$/, '').replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${begin.replaceAll(/\d+/g, String.raw`(?:\d+|none)`)}`)
}
