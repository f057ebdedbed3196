import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/job/json.ts'
import { jobPriority, priorityLimits } from '../../../src/lanes/order/job-priority.ts'

const header = (value: unknown) => JSON.stringify({ resultVariable: 'r', 'quarry.priority': value })
const NONE = '{"resultVariable":"r"}'

describe('the priority of a job', () => {
  it.each([
    ['low', 0.25],
    ['normal', 1],
    ['high', 4],
    ['urgent', 16],
    [' Urgent ', 16],
    ['2.5', 2.5],
    ['1000', 1_000],
    ['', 1],
  ])('with the header %j is the factor %d', (value, factor) => {
    expect(jobPriority(header(value), undefined)).toEqual({ factor, unread: null })
  })

  it.each(['asap', '0', '-1', '1001', '1e999', '0x10', 'NaN', 'constructor'])(
    'with the header %j is normal, with a warning',
    (value) => {
      expect(jobPriority(header(value), undefined)).toEqual({ factor: 1, unread: 'header' })
    },
  )

  it.each([
    ['{"priority":"high"}', 4],
    ['{"priority":2}', 2],
    ['{"priority":2.50}', 2.5],
    ['{"priority":1e2}', 100],
    ['{"priority":null}', 1],
    ['{"other":true}', 1],
    ['"a process variable of that name"', 1],
    ['[1]', 1],
  ])('with the variable %s is the factor %d', (own, factor) => {
    expect(jobPriority(NONE, parseJson(own))).toEqual({ factor, unread: null })
  })

  it.each(['{"priority":true}', '{"priority":["urgent"]}', '{"priority":0}', '{"priority":{"a":1}}'])(
    'with the variable %s is normal, with a warning',
    (own) => {
      expect(jobPriority(NONE, parseJson(own))).toEqual({ factor: 1, unread: 'variable' })
    },
  )

  it('is that of the header if both are set', () => {
    expect(jobPriority(header('low'), { priority: 'urgent' }).factor).toBe(0.25)
  })

  it('is normal if neither is set, whatever the headers are', () => {
    for (const headers of [NONE, '', '{"quarry.priority"', '["quarry.priority"]'])
      expect(jobPriority(headers, undefined)).toEqual({ factor: 1, unread: null })
  })
})

describe('the highest priority that an operator allows', () => {
  const rules = [
    { tenant: 'trial-*', most: 4, fromVariables: false },
    { most: 16, fromVariables: true },
  ]
  it.each([
    ['trial-1', { most: 4, fromVariables: false }],
    ['gold', { most: 16, fromVariables: true }],
  ])('for tenant %s comes from the first rule that matches', (tenant, limits) => {
    expect(priorityLimits(rules, tenant)).toEqual(limits)
  })

  it('is 1,000 without rules', () => {
    expect(priorityLimits(undefined, 'a')).toEqual({ most: 1_000, fromVariables: true })
    expect(priorityLimits([{ tenant: 'b', most: 1 }], 'a').most).toBe(1_000)
  })

  it('replaces a higher one', () => {
    const limits = { most: 4, fromVariables: true }
    expect(jobPriority(header('urgent'), undefined, limits)).toEqual({ factor: 4, unread: null })
    expect(jobPriority(header('low'), undefined, limits).factor).toBe(0.25)
    expect(jobPriority(NONE, { priority: '1000' }, limits).factor).toBe(4)
    expect(jobPriority(NONE, undefined, { ...limits, most: 0.5 }).factor).toBe(0.5)
  })

  it('applies to headers only if variables do not count', () => {
    const limits = { most: 1_000, fromVariables: false }
    expect(jobPriority(NONE, { priority: 'urgent' }, limits)).toEqual({ factor: 1, unread: null })
    expect(jobPriority(NONE, { priority: true }, limits)).toEqual({ factor: 1, unread: null })
    expect(jobPriority(header('high'), { priority: 'urgent' }, limits).factor).toBe(4)
  })
})
