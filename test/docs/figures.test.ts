// Figures of README.md and of pages are those of the results that are kept, and its chart is drawn from them.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Results } from '../../bench/pace/table.ts'
import { comparisonChart, type StockResults } from '../../bench/report/comparison.ts'
import type { Figures } from '../../bench/report/figure.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const pace: Results = JSON.parse(read('bench/results/pace.json'))
const stock: StockResults = JSON.parse(read('bench/results/stock-connector.json'))
const README = read('README.md')

function median(scenario: string, contender: 'quarry' | 'sdk-adaptive'): Figures {
  const figures = pace[scenario]?.contenders[contender]?.median
  if (figures === undefined) throw new Error(`${scenario} has no ${contender}`)
  return figures
}

/** The figure of each of these scenarios. */
const each = (contender: 'quarry' | 'sdk-adaptive', figure: string, scenarios: readonly string[]) =>
  scenarios.map((scenario) => median(scenario, contender)[figure] ?? Number.NaN)
const percent = (value: number | null | undefined, digits = 0) =>
  `${((value ?? Number.NaN) * 100).toFixed(digits)} %`
const range = (values: readonly number[]) =>
  `${(Math.min(...values) * 100).toFixed(0)} to ${percent(Math.max(...values))}`
/** The bars of a Markdown table stand below each other. */
const row = (...cells: readonly string[]) => new RegExp(`\\| ${cells.map(escaped).join(' +\\| ')} +\\|`)
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Models of a second and less: one backlog and one quota, in requests or tokens. */
const FAST = ['known-1', 'known-3', 'known-8', 'unknown', 'steps', 'tokens', 'model-1s', 'burst', 'weights']
const BOTH = ['quarry', 'sdk-adaptive'] as const

describe('README.md', () => {
  it('has the chart of the results', () => {
    expect(README).toContain('docs/images/comparison.svg')
    expect(read('docs/images/comparison.svg')).toBe(comparisonChart(pace, stock))
  })

  it('describes the chart by its figures', () => {
    const measured = [
      ...['defaults-8.9', 'backoff-8.9', 'threads-64'].map((name) => stock.cases[name]),
      ...['sdk-adaptive' as const, 'quarry' as const].map((contender) => median('stock', contender)),
    ]
    const [one, two, three, ...others] = measured.map((figures) => figures?.['incidents'])
    expect(others).toEqual([0, 0])
    const throttled = measured.map((figures) => figures?.['throttledCalls']?.toLocaleString('en'))
    expect(README).toContain(
      `${one}, ${two} and ${three} incidents with the stock connector, none with a plain worker or Quarry; ${throttled.slice(0, -1).join(', ')} and ${throttled.at(-1)} throttled calls]`,
    )
  })

  it('names the share of CPU that the plain worker takes of that of Quarry', () => {
    expect(README).toContain('a quarter to a half of Quarry')
    const [quarry, plain] = BOTH.map((contender) => each(contender, 'cpuSeconds', FAST))
    const shares = (plain ?? []).map((cpu, index) => cpu / (quarry?.[index] ?? Number.NaN))
    expect(Math.min(...shares)).toBeGreaterThan(0.245)
    expect(Math.max(...shares)).toBeLessThan(0.505)
  })

  const pair = (text: (contender: 'quarry' | 'sdk-adaptive') => string) => BOTH.map(text)
  it.each([
    ['quota used, fast models', ...pair((who) => range(each(who, 'used', FAST)))],
    ['quota used, a model of 30 s', ...pair((who) => percent(median('model-30s', who)['used']))],
    [
      'calls answered 429',
      ...pair((who) => `up to ${percent(Math.max(...each(who, 'throttled', [...FAST, 'stock'])), 1)}`),
    ],
    [
      'p99 of a lane beside one without quota',
      ...pair((who) => `${(median('starved', who)['p99Ratio'] ?? 0).toFixed(1)} times as long`),
    ],
    [
      'calls of two processes with weights 3 and 1',
      ...pair((who) => `${(median('weights', who)['ratioLow'] ?? 0).toFixed(1)} to 1 at worst`),
    ],
    [
      'a region fails: instances not completed, of 200',
      ...pair((who) => String(median('region', who)['unfinished'])),
    ],
  ])('has the row of %s with the figures of the results', (...cells) => {
    expect(README).toMatch(row(...cells))
  })

  it('names how often the stock connector sent a slow answer', () => {
    expect(stock.cases['slow-answer']?.calls).toBe(4)
    expect(README).toContain('[four times](bench/results/stock-connector.json)')
  })
})

describe('docs/benchmarks.md', () => {
  const page = read('docs/benchmarks.md')
  const count = (value: number | undefined) => value?.toLocaleString('en') ?? '—'

  it.each(Object.values(stock.cases))(
    'has the measurement of the stock connector: $setting, $load',
    (one) => {
      const { load, runtime, setting, completed, incidents, calls, throttledCalls } = one
      const cells = [completed, incidents, calls, throttledCalls].map(count)
      expect(page).toContain(`| ${load} | ${runtime}, ${setting} | ${cells.join(' | ')} |`)
    },
  )
})

describe('docs/faq.md', () => {
  const page = read('docs/faq.md').replaceAll('\n', ' ')

  it('has the figures of the plain worker', () => {
    expect(page).toContain(`it uses ${range(each('sdk-adaptive', 'used', FAST))} of a quota`)
    const throttled = percent(median('known-8', 'sdk-adaptive')['throttled'])
    expect(page).toContain(
      `with eight workers [${throttled} of its calls](benchmarks.md#results) are answered 429`,
    )
    expect(median('model-30s', 'sdk-adaptive')['used']).toBeCloseTo(1 / 3, 1)
  })
})
