// Which end of an execution leads to what.
import { describe, expect, it } from 'vitest'
import { inputError } from '../../src/connector/connector-error.ts'
import { type End, type Next, type NextRules, type SoFar, whatNext } from '../../src/execute/what-next.ts'
import { BUDGET_WAIT, type CallFailure } from '../../src/job/call-failure.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { parseLaneName } from '../../src/job/lane.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'

const HOME = 'default@eu-west-1@m' as LaneName
const OTHER = 'default@us-east-1@m' as LaneName
const SO_FAR: SoFar = {
  ...{
    lane: HOME,
    spills: false,
    repairs: 0,
    ownEndpoint: false,
    ownCredential: false,
    waitedMs: 1_000,
    maxWaitMs: 60_000,
  },
  started: { sends: 2, throttles: 1, outages: 1, deaths: 3 },
}
const RULES: NextRules = { maxSends: 4, onOutage: 'wait', random: () => 0.5 }
const BEFORE = { sends: 2, throttles: 1, outages: 1 }
const call = { action: 'converse' } as unknown as Extract<Next, { readonly kind: 'respond' }>['call']
const failed = (failure: Partial<CallFailure>, ranIn = HOME): End => ({
  ...{ kind: 'answered', call, ranIn },
  answer: { kind: 'failure', failure: { name: 'Error', message: '', ...failure } },
})
const answered = (ranIn = HOME): End => ({
  ...{ kind: 'answered', call, ranIn },
  answer: { kind: 'response', response: { text: 'yes' }, usage: NO_USAGE },
})
const throttle = { name: 'ThrottlingException', status: 429, message: 'Too many requests' }
const lacking = { name: 'ResourceNotFoundException', status: 404, message: 'Model not found' }
const leadsTo = (end: End, soFar: Partial<SoFar> = {}, rules: Partial<NextRules> = {}): Next =>
  whatNext(end, { ...SO_FAR, ...soFar }, { ...RULES, ...rules })
const back = (reason: string, delayMs: number, counts: object = BEFORE) => ({
  ...{ kind: 'putBack', reason, delayMs, counts },
})

describe('an execution without a call', () => {
  it.each<[string, End, object]>([
    ['workers died of it too often', { kind: 'quarantined' }, { kind: 'fail' }],
    ['its worker died again', { kind: 'suspect', delayMs: 7 }, back('workerDied', 7)],
    ['it is slow to be read', { kind: 'noPlace', delayMs: 7 }, back('reading', 7)],
    ['its patience is over', { kind: 'overdue' }, { kind: 'expire' }],
    ['it is stopped', { kind: 'stopped' }, back('handBack', 0)],
    ['it asks for another lane', { kind: 'elsewhere', asked: OTHER }, { kind: 'move', to: OTHER }],
    ['it asks for another each time', { kind: 'unsteady', asked: OTHER }, { kind: 'fail' }],
    ['its turn is not soon', { kind: 'notSoon', waitMs: 9_000 }, back('pace', 0)],
    ['another has it', { kind: 'lost', standing: 'taken' }, { kind: 'leave', standing: 'taken' }],
  ])('for the reason %s', (_why, end, next) => {
    expect(leadsTo(end)).toMatchObject(next)
  })

  it('whose input gave its outcome has that outcome', () => {
    const facts = { outcome: { kind: 'completed', variables: '{}' }, errorType: null } as const
    expect(leadsTo({ kind: 'ended', facts })).toEqual({ kind: 'end', facts })
  })

  it('whose turn is not soon makes room for jobs that may be sent elsewhere', () => {
    expect(leadsTo({ kind: 'notSoon', waitMs: 3_000 }, { spills: true })).toEqual(back('pace', 2_250))
    expect(leadsTo({ kind: 'notSoon', waitMs: 9_000 }, { spills: true })).toEqual(back('pace', 3_750))
  })

  it('that a budget refuses waits without an attempt, or ends', () => {
    const waits = { kind: 'wait', delayMs: 9, budget: 'tight', usedUp: null } as const
    expect(leadsTo({ kind: 'refused', refusal: waits })).toEqual({
      ...back('budget', 9),
      failure: { name: BUDGET_WAIT, message: expect.stringContaining('tight') },
    })
    const unpriced = { kind: 'unpriced', budget: 'tight', model: 'm' } as const
    expect(leadsTo({ kind: 'refused', refusal: unpriced })).toMatchObject({ kind: 'fail' })
    const rule = { name: 'tight', unit: 'tokens', limit: 1, period: 'day', action: 'fail' }
    const budget = { id: 'tight', rule, of: null, unit: 'tokens', limit: 1 } as never
    const usedUp = { kind: 'fail', budget, spent: 1, untilMs: 0 } as const
    expect(leadsTo({ kind: 'refused', refusal: usedUp })).toMatchObject({
      ...{ kind: 'end', facts: { errorType: 'BudgetExceeded' } },
    })
  })
})

describe('an answer', () => {
  it('becomes the outcome that the result expression gives', () => {
    expect(leadsTo(answered())).toEqual({ kind: 'respond', call, response: { text: 'yes' }, ranIn: null })
  })

  it('names its region if a route may have moved it', () => {
    expect(leadsTo(answered(), { spills: true })).toMatchObject({ ranIn: parseLaneName(HOME) })
    expect(leadsTo(answered(OTHER))).toMatchObject({ ranIn: parseLaneName(OTHER) })
  })

  it('that the connector cannot use is an error', () => {
    const error = inputError('no text')
    const answer = { kind: 'unusable', error, usage: NO_USAGE } as const
    expect(leadsTo({ kind: 'answered', answer, call, ranIn: HOME })).toEqual({ kind: 'fail', error })
  })
})

describe('a call without an answer', () => {
  it('that was cut is repeated by the next worker that gets the job', () => {
    expect(leadsTo(failed({ name: 'AbortError' }))).toEqual(back('handBack', 0, { ...BEFORE, sends: 3 }))
  })

  it('that was throttled returns its job to the front at first, then behind others, and counts no attempt', () => {
    expect(leadsTo(failed(throttle))).toMatchObject(
      back('throttle', 0, { sends: 3, throttles: 2, outages: 1 }),
    )
    const often = { ...SO_FAR.started, sends: 5, throttles: 4 }
    expect(leadsTo(failed(throttle), { started: often })).toMatchObject({
      ...back('throttle', 1_000, { sends: 6, throttles: 5, outages: 1 }),
      failure: throttle,
    })
  })

  it('that AWS did not execute counts no attempt, unless an operator says so', () => {
    const away = { name: 'Error', connect: 'tcp', network: 'refused' } as const
    const counts = { sends: 3, throttles: 1, outages: 2 }
    expect(leadsTo(failed(away))).toMatchObject(back('outage', 0, counts))
    expect(leadsTo(failed(away), {}, { onOutage: 'fail' })).toMatchObject({ reason: 'transient' })
  })

  it('to a task’s own endpoint does not keep its job at the front of the lane', () => {
    const away = { name: 'Error', connect: 'tcp', network: 'refused' } as const
    expect(leadsTo(failed(away), { ownEndpoint: true })).toMatchObject({ reason: 'outage', delayMs: 1_000 })
  })

  it('without the credentials of a task or a rule waits aside, and counts no attempt', () => {
    const failure = { name: 'CredentialsProviderError', message: '', noCredentials: true }
    expect(leadsTo(failed(failure), { ownCredential: true })).toMatchObject(
      back('outage', 1_000, { sends: 3, throttles: 1, outages: 2 }),
    )
  })

  it('that may have been executed is repeated up to the limit', () => {
    const broken = { name: 'InternalServerException', status: 500 }
    expect(leadsTo(failed(broken))).toMatchObject({ ...back('transient', 50, { ...BEFORE, sends: 3 }) })
    const often = { ...SO_FAR.started, sends: 5 }
    expect(leadsTo(failed(broken), { started: often })).toMatchObject({ kind: 'fail' })
  })

  it('is final once the patience of the job is over', () => {
    expect(leadsTo(failed(throttle), { waitedMs: 60_000 })).toMatchObject({ kind: 'fail' })
  })

  it('whose route led to a lane without the model sends its job home, and that lane is avoided', () => {
    const counts = { sends: 3, throttles: 1, outages: 2 }
    expect(leadsTo(failed(lacking, OTHER))).toEqual({ ...back('pace', 0, counts), avoid: OTHER })
    expect(leadsTo(failed(lacking))).toMatchObject({ kind: 'fail' })
  })

  it('that AWS refused is final', () => {
    expect(leadsTo(failed({ name: 'ValidationException', status: 400 }))).toMatchObject({ kind: 'fail' })
  })
})
