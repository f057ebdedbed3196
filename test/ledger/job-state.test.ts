import { describe, expect, it } from 'vitest'
import { laneName } from '../../src/job/lane.ts'
import type { JobState } from '../../src/ledger/job-state.ts'
import { decideAcceptance } from './model/acceptance.ts'

const record = (state: JobState) => ({
  state,
  epoch: 1,
  input: 'same',
  deadlineMs: 1_000,
  retries: 3,
  failedTo: null,
  sends: null,
  deaths: 0,
  start: null,
  lane: laneName({ account: 'default', region: 'eu-west-1', model: 'm' }),
  moves: 0,
})
const again = { input: 'same', deadlineMs: 2_000, retries: 3 }

describe('an activation', () => {
  it('of an unknown job is a new order', () => {
    expect(decideAcceptance(null, again)).toBe('new')
  })

  it.each(['queued', 'running'] as const)('of a %s job is adopted, not queued twice', (state) => {
    expect(decideAcceptance(record(state), again)).toBe('adopt')
  })

  it('of an answered job sends no second call', () => {
    expect(decideAcceptance(record('answered'), again)).toBe('answered')
  })

  it.each(['queued', 'running', 'answered'] as const)(
    'with other input is a new order, even if the job is %s',
    (state) => {
      expect(decideAcceptance(record(state), { ...again, input: 'changed' })).toBe('new')
    },
  )

  it.each(['queued', 'running', 'answered', 'kept'] as const)(
    'whose input is the same by an older hash is the same order, if the job is %s',
    (state) => {
      const known = decideAcceptance(record(state), again)
      expect(decideAcceptance(record(state), { ...again, input: 'new', older: ['x', 'same'] })).toBe(known)
      expect(decideAcceptance(record(state), { ...again, input: 'new', older: ['x'] })).toBe('new')
    },
  )

  it('with other input that was made before the known one, and comes after it, is dropped', () => {
    const late = { input: 'changed', deadlineMs: 999, retries: 3 }
    expect(decideAcceptance(record('running'), late)).toBe('duplicate')
  })

  it('after a reported failure is a new order, whatever its lease', () => {
    expect(decideAcceptance(record('released'), { ...again, deadlineMs: 1 })).toBe('new')
  })

  it('of a job whose failure is on its way is a new order if its retries show that Zeebe has taken the failure', () => {
    const failing = { ...record('answered'), failedTo: 2 }
    expect(decideAcceptance(failing, { ...again, retries: 2 })).toBe('new')
    expect(decideAcceptance(failing, { ...again, retries: 3 })).toBe('answered')
  })

  it('made before a failure, and delivered after it, is dropped: its retries are not those that the failure left', () => {
    const released = { ...record('released'), failedTo: 2 }
    expect(decideAcceptance(released, { ...again, deadlineMs: 1_000, retries: 3 })).toBe('duplicate')
    expect(decideAcceptance(released, { ...again, deadlineMs: 1_000, retries: 2 })).toBe('new')
    expect(decideAcceptance(released, { ...again, deadlineMs: 1_001, retries: 7 })).toBe('new')
  })

  it('that was delivered late, after the job was done, is dropped', () => {
    expect(decideAcceptance(record('done'), { ...again, deadlineMs: 1_000 })).toBe('duplicate')
  })

  it('with a later lease than the one that was done is a new order: Zeebe lost the completion', () => {
    expect(decideAcceptance(record('done'), again)).toBe('new')
  })
})
