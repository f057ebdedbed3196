import { describe, expect, it } from 'vitest'
import { claim, wrongWith } from '../../../src/cli/demo/claims.ts'
import {
  comparedTable,
  type DemoSummary,
  endedRight,
  percentile,
  summaryTable,
} from '../../../src/cli/demo/summary.ts'

const right: DemoSummary = {
  instances: 200,
  completed: 200,
  incidents: 0,
  wrong: 0,
  calls: 500,
  throttled: 30,
  retried: 30,
  p50Ms: 11_400,
  p99Ms: 21_000,
  tookMs: 21_600,
  quotaAllowsMs: 19_000,
}

describe('the demo', () => {
  it('succeeds only if every instance completed without incident and with the right variables', () => {
    expect(endedRight(right)).toBe(true)
    expect(endedRight({ ...right, completed: 199 })).toBe(false)
    expect(endedRight({ ...right, incidents: 1 })).toBe(false)
    expect(endedRight({ ...right, wrong: 1 })).toBe(false)
  })

  it('shows its time beside the shortest time that the quota allows', () => {
    expect(summaryTable(right)).toContain('19.0 s at best: 88 % of it used')
    expect(summaryTable({ ...right, quotaAllowsMs: null })).not.toContain('quota')
    expect(summaryTable({ ...right, quotaAllowsMs: 900 })).not.toContain('quota')
  })

  it('shows both contenders side by side', () => {
    const table = comparedTable(right, { ...right, completed: 159, incidents: 41 })
    expect(table).toMatch(/instances completed +200 of 200 +159 of 200/)
    expect(table).toMatch(/incidents +0 +41/)
    expect(table).toContain('Times are those of completed instances')
    expect(comparedTable(right, right)).not.toContain('Times are')
  })

  it('says that a comparison of few instances shows no throttles', () => {
    expect(comparedTable(right, { ...right, throttled: 0 })).toContain('Compare with 200 instances or more')
    expect(comparedTable(right, right)).not.toContain('Compare with')
  })

  it('computes percentiles of few values and of many', () => {
    expect(percentile([], 0.5)).toBe(0)
    expect(percentile([7], 0.99)).toBe(7)
    expect(
      percentile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        0.99,
      ),
    ).toBe(99)
  })
})

describe('an instance of the demo', () => {
  const urgent = {
    category: `Echo: ${claim(3).text.slice(0, 200)}`,
    urgent: true,
    advice: 'Echo: What should the customer of claim 3 do first? One sentence.',
    turns: 4,
    reply: 'Hello from ai21.jamba-1-5-mini-v1:0',
  }

  it('is right with the answers to its own claim, on its own path', () => {
    expect(wrongWith(3, urgent, true)).toBeNull()
  })

  it.each([
    ['an answer to another claim', { ...urgent, category: 'Echo: something else' }],
    ['no reply', { ...urgent, reply: undefined }],
    ['the wrong path', { ...urgent, urgent: false, advice: undefined }],
    ['no second turn', { ...urgent, turns: 2 }],
  ])('is wrong with %s', (_, variables) => {
    expect(wrongWith(3, variables, true)).not.toBeNull()
  })
})
