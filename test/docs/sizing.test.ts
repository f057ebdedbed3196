// The table of sizes in docs/scaling.md follows from its formula, whose factors are those of the benchmarks; prices of models are Quarry's.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Results } from '../../bench/pace/table.ts'
import { costUsd, makePrices } from '../../src/budgets/model-prices.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const PAGE = read('docs/scaling.md')
const pace: Results = JSON.parse(read('bench/results/pace.json'))
const throughput = JSON.parse(read('bench/results/throughput.json'))

const CALL_SECONDS = 5
const WORKER_CALLS_A_SECOND = 200
const BACKLOG_MINUTES = 10
const KB_A_JOB = 2.7

/** Cores that four processes took, and calls a second. */
function measured(scenario: string, callsASecond: number): { readonly cores: number; readonly rate: number } {
  const { cpuSeconds, calls } = pace[scenario]?.contenders.quarry?.median ?? {}
  return { cores: ((cpuSeconds ?? Number.NaN) / (calls ?? Number.NaN)) * callsASecond, rate: callsASecond }
}

const [slow, fast] = [measured('known-3', 10), measured('burst', 60)]
const aCall = (fast.cores - slow.cores) / (fast.rate - slow.rate)
const idle = slow.cores - aCall * slow.rate

describe('docs/scaling.md', () => {
  it('names the factors of its formula', () => {
    expect(PAGE).toContain(
      `CPU = ${idle.toFixed(2)} cores + calls a second × ${(aCall * 1_000).toFixed(1)} ms`,
    )
  })

  it('does not promise more than a worker has done', () => {
    expect(throughput.cases['quarry-1s'].median.rate).toBeGreaterThan(WORKER_CALLS_A_SECOND)
  })

  it.each([600, 3_600, 12_000, 30_000])('has the row of %d calls a minute', (perMinute) => {
    const rate = perMinute / 60
    const count = (value: number) => value.toLocaleString('en')
    const cells = [
      count(perMinute),
      count(rate * CALL_SECONDS),
      String(Math.max(2, Math.ceil(rate / WORKER_CALLS_A_SECOND))),
      (idle + aCall * rate).toFixed(1),
      `${Math.round((perMinute * BACKLOG_MINUTES * KB_A_JOB) / 1_000)} MB`,
    ]
    expect(PAGE).toContain(`| ${cells.join(' | ')} |`)
  })

  it.each([
    ['anthropic.claude-sonnet-4-5', 'Claude Sonnet 4.5'],
    ['anthropic.claude-haiku-4-5', 'Claude Haiku 4.5'],
    ['amazon.nova-lite', 'Nova Lite'],
  ])('has the price of a call of %s', (model, title) => {
    const price = makePrices()(model)
    if (price === null) throw new Error(`no price of ${model}`)
    const dollars = costUsd({ input: 1_500, output: 500, cacheRead: 0, cacheWrite: 0 }, price)
    const slow = dollars * 3 * 1_000
    expect(PAGE).toContain(`| ${title} | ${dollars.toFixed(4)} | ${slow.toFixed(slow < 10 ? 2 : 0)} |`)
  })
})
