import { describe, expect, it } from 'vitest'
import { quarantineError, suspect } from '../../src/execute/quarantine.ts'

const always = () => 1

describe('a job whose worker died', () => {
  it('once is run again at once: a crash or a lost node', () => {
    expect(suspect({ deaths: 1, died: true }, 10, always)).toEqual({ kind: 'run' })
  })

  it('again waits for a growing random time, apart from the jobs that ran beside it', () => {
    expect(suspect({ deaths: 2, died: true }, 10, always)).toEqual({ kind: 'later', delayMs: 2_000 })
    expect(suspect({ deaths: 5, died: true }, 10, () => 0.5)).toEqual({ kind: 'later', delayMs: 8_000 })
    expect(suspect({ deaths: 99, died: true }, 100, always)).toEqual({ kind: 'later', delayMs: 60_000 })
  })

  it('is run after its wait', () => {
    expect(suspect({ deaths: 5, died: false }, 10, always)).toEqual({ kind: 'run' })
  })

  it('as often as allowed is quarantined, with a message that gives the remedy', () => {
    expect(suspect({ deaths: 10, died: true }, 10, always)).toEqual({ kind: 'quarantine' })
    expect(quarantineError(10).message).toMatch(/started this job 10 times.*QUARRY_MAX_STARTS/)
  })
})
