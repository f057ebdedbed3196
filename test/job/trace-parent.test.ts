import { describe, expect, it } from 'vitest'
import { givenTrace, readTraceParent, writeTraceParent } from '../../src/job/trace-parent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const TEXT = `00-${TRACE}-${SPAN}-01`

describe('a traceparent', () => {
  it('is read, and written the same', () => {
    const place = { traceId: TRACE, spanId: SPAN, sampled: true }
    expect(readTraceParent(TEXT)).toEqual(place)
    expect(writeTraceParent(place)).toBe(TEXT)
    expect(readTraceParent(`00-${TRACE}-${SPAN}-02`)).toEqual({ ...place, sampled: false })
    expect(writeTraceParent({ ...place, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`)
  })

  it('of a version to come may say more', () => {
    expect(readTraceParent(`01-${TRACE}-${SPAN}-01-more`)?.traceId).toBe(TRACE)
  })

  it.each([
    ['empty', ''],
    ['of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['in capitals', TEXT.toUpperCase()],
    ['of a version that cannot be', `ff-${TRACE}-${SPAN}-01`],
    ['of version 00 with more', `${TEXT}-more`],
    ['with a line behind it', `${TEXT}\n`],
    ['cut', TEXT.slice(0, -1)],
  ])('that is %s is none', (_, text) => {
    expect(readTraceParent(text)).toBeNull()
  })
})

describe('the trace that a job is said to belong to', () => {
  const other = TEXT.replace('4bf9', 'aaaa')

  it('is the one of its header, then of its variable', () => {
    expect(givenTrace(JSON.stringify({ traceparent: TEXT }), other)).toBe(TEXT)
    expect(givenTrace('{"resultVariable":"a"}', other)).toBe(other)
  })

  it('is none where neither says one', () => {
    expect(givenTrace('{}', undefined)).toBe('')
    expect(givenTrace('{"traceparent":"mine"', 7)).toBe('')
    expect(givenTrace('{"traceparent":"mine"}', other)).toBe(other)
  })
})
