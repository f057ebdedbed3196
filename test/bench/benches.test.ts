import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Bench } from '../../bench/bench.ts'
import { BENCHES } from '../../bench/benches.ts'
import { measureOptions } from '../../bench/measure.ts'
import { barCharts } from '../../bench/report/bar-chart.ts'
import { chartsOf, goalTable, resultsTable } from '../../bench/report/bench-report.ts'
import { markers } from '../../bench/report/page.ts'
import { runResults } from '../../bench/report/results.ts'

const run = async () => ({})
const bench: Bench = {
  name: 'speed',
  title: 'how fast',
  figures: {
    rate: { title: 'jobs a second', unit: 'perSecond' },
    cpu: { title: 'CPU', unit: 'cpu' },
  },
  cases: [
    { name: 'quarry', title: 'Quarry', run },
    { name: 'plain', title: 'plain <worker>', run },
    { name: 'left-out', title: 'not measured', run },
  ],
  goals: (median) => [
    { case: 'quarry', figure: 'rate', atLeast: 200 },
    { case: 'quarry', figure: 'cpu', atMost: median('plain', 'cpu') ?? 0, because: 'the plain worker’s' },
    { case: 'left-out', figure: 'rate', atLeast: 1 },
  ],
  charts: ['rate'],
}
const results = {
  date: '2026-01-31',
  machine: '2 cores',
  cases: {
    quarry: runResults([
      { rate: 190, cpu: 2 },
      { rate: 250, cpu: 1.5 },
      { rate: 240, cpu: 1.6 },
    ]),
    plain: runResults([{ rate: 100, cpu: 1 }]),
  },
}

describe('the results of a benchmark', () => {
  it('are the medians of the cases that were measured', () => {
    expect(resultsTable(bench, results).split('\n').slice(2)).toEqual([
      '| Quarry | 240/s | 1.60 s |',
      '| plain <worker> | 100/s | 1.00 s |',
    ])
  })

  it('are compared with goals, which may depend on another case', () => {
    expect(goalTable(bench, results).split('\n').slice(2)).toEqual([
      '| Quarry: jobs a second | at least 200/s | 240/s | yes |',
      '| Quarry: CPU | at most 1.00 s (the plain worker’s) | 1.60 s | **no** |',
    ])
  })

  it('are drawn as bars in proportion', () => {
    const [drawn] = chartsOf(bench, results)
    const svg = barCharts([drawn?.chart ?? { title: '', bars: [] }])
    const [first = 0, second = 0] = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map(([, width]) =>
      Number(width),
    )
    expect(first / second).toBeCloseTo(2.4, 1)
    expect(svg).toContain('plain &lt;worker>')
  })
})

describe.each(BENCHES)('the benchmark $name', ({ name, cases, figures, goals, charts }) => {
  it('has its place in the page', () => {
    const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8')
    for (const marker of markers(name)) expect(page).toContain(marker)
  })

  it('has goals and charts of what it measures', () => {
    const names = cases.map((one) => one.name)
    expect(new Set(names).size).toBe(names.length)
    for (const goal of goals(() => 1)) {
      expect(names).toContain(goal.case)
      expect(Object.keys(figures)).toContain(goal.figure)
    }
    expect(Object.keys(figures)).toEqual(expect.arrayContaining([...charts]))
  })
})

describe('the flags of a benchmark', () => {
  it.each([
    [[], { quick: false, runs: 3, only: [] }],
    [['--quick'], { quick: true, runs: 1, only: [] }],
    [['--runs', '5', '--only', 'plain,quarry'], { quick: false, runs: 5, only: ['plain', 'quarry'] }],
  ])('%j are understood', (argv, expected) => {
    expect(measureOptions(argv, bench)).toEqual(expected)
  })

  it.each([
    [['--runs', '0'], 'whole number'],
    [['--only', 'nothing'], 'It has quarry, plain, left-out'],
  ])('%j are refused', (argv, message) => {
    expect(() => measureOptions(argv, bench)).toThrow(message)
  })
})
