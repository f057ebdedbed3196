import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/job/json.ts'
import { jobPriority } from '../../src/pace/job-priority.ts'

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
    'with the header %j is normal, and that is told',
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
    'with the variable %s is normal, and that is told',
    (own) => {
      expect(jobPriority(NONE, parseJson(own))).toEqual({ factor: 1, unread: 'variable' })
    },
  )

  it('is that of the header where both say one', () => {
    expect(jobPriority(header('low'), { priority: 'urgent' }).factor).toBe(0.25)
  })

  it('is normal where neither says one, whatever the headers are', () => {
    for (const headers of [NONE, '', '{"quarry.priority"', '["quarry.priority"]'])
      expect(jobPriority(headers, undefined)).toEqual({ factor: 1, unread: null })
  })
})
