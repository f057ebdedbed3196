import { describe, expect, it } from 'vitest'
import { givenTrace, readTraceParent, writeTraceParent } from '../../src/job/trace-parent.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const TEXT = `00-${TRACE}-${SPAN}-01`

describe('a traceparent', () => {
  it('is read, and written unchanged', () => {
    const place = { traceId: TRACE, spanId: SPAN, sampled: true }
    expect(readTraceParent(TEXT)).toEqual(place)
    expect(writeTraceParent(place)).toBe(TEXT)
    expect(readTraceParent(`00-${TRACE}-${SPAN}-02`)).toEqual({ ...place, sampled: false })
    expect(writeTraceParent({ ...place, sampled: false })).toBe(`00-${TRACE}-${SPAN}-00`)
  })

  it('of a later version may have more fields', () => {
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
  ])('that is %s is refused', (_, text) => {
    expect(readTraceParent(text)).toBeNull()
  })
})

describe('the trace of a job', () => {
  const other = TEXT.replace('4bf9', 'aaaa')

  it('comes from its header, else from its variable', () => {
    expect(givenTrace(JSON.stringify({ traceparent: TEXT }), other)).toBe(TEXT)
    expect(givenTrace('{"resultVariable":"a"}', other)).toBe(other)
  })

  it('is unset without either', () => {
    expect(givenTrace('{}', undefined)).toBe('')
    expect(givenTrace('{"traceparent":"mine"', 7)).toBe('')
    expect(givenTrace('{"traceparent":"mine"}', other)).toBe(other)
  })
})
