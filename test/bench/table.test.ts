import { describe, expect, it } from 'vitest'
import type { Scenario } from '../../bench/pace/scenario.ts'
import { provenance, resultTable } from '../../bench/pace/table.ts'
import { isMet } from '../../bench/report/figure.ts'
import { withResults } from '../../bench/report/page.ts'
import { runResults } from '../../bench/report/results.ts'

const scenario: Scenario = {
  name: 'known-3',
  title: 'a quota',
  plan: () => {
    throw new Error('no run in this test')
  },
  goals: [
    { figure: 'used', atLeast: 0.97 },
    { figure: 'incidents', atMost: 0 },
  ],
  shown: ['calls', 'recoverySeconds'],
}

const results = {
  'known-3': {
    date: '2026-01-31',
    machine: '2 cores',
    contenders: {
      quarry: runResults([
        { used: 0.981, incidents: 0, calls: 1_000, recoverySeconds: null },
        { used: 0.9, incidents: 0, calls: 1_200, recoverySeconds: null },
        { used: 0.985, incidents: 1, calls: 1_100, recoverySeconds: 3 },
      ]),
      'sdk-standard': runResults([{ used: 0.5, incidents: 44, calls: 9_000, recoverySeconds: 2 }]),
    },
  },
} as const

describe('a table of results', () => {
  it('has medians beside their goals, and a dash for missing values', () => {
    const rows = resultTable([scenario], results).split('\n')
    expect(rows.slice(2)).toEqual([
      '| **known-3**: a quota | quota used | at least 97.0 % | 98.1 % | yes | 50.0 % | — |',
      '|  | incidents | none | 0 | yes | 44 | — |',
      '|  | calls |  | 1,100 |  | 9,000 | — |',
      '|  | slowest recovery above 90 % |  | — |  | 2.0 s | — |',
    ])
  })

  it('leaves out scenarios without results', () => {
    expect(resultTable([{ ...scenario, name: 'other' }], results).split('\n')).toHaveLength(2)
  })

  it('gives the date and the machine', () => {
    expect(provenance(results)).toBe('Measured on 2026-01-31 on 2 cores.')
  })
})

describe('a goal', () => {
  it.each([
    [{ figure: 'a', atLeast: 1 }, 1, true],
    [{ figure: 'a', atLeast: 1 }, 0.99, false],
    [{ figure: 'a', atMost: 1 }, 1.01, false],
    [{ figure: 'a', atMost: 1 }, null, false],
    [{ figure: 'a', atMost: 1 }, undefined, false],
  ])('%j is met by %j: %j', (goal, value, expected) => {
    expect(isMet(goal, value)).toBe(expected)
  })
})

describe('a page', () => {
  it('keeps the text around the results', () => {
    const page = `before
<!-- results of pace: written by \`npm run bench -- pace\` -->
old
<!-- end of results of pace -->
after`
    const changed = withResults(page, 'pace', 'new')
    expect(changed).toContain('before\n')
    expect(changed).toContain('\n\nnew\n\n')
    expect(changed).not.toContain('old')
    expect(changed.endsWith('after')).toBe(true)
    expect(withResults(changed, 'pace', 'new')).toBe(changed)
  })

  it('without markers is refused', () => {
    expect(() => withResults('text', 'pace', 'new')).toThrow('no part between')
  })
})
