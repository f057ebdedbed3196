import { afterEach, expect, test, vi } from 'vitest'
import { elementTemplate } from '../../src/job/element-template.ts'
import { ownMaxWait } from '../../src/job/max-wait.ts'
import { parseHeaders, taskHeader } from '../../src/job/task-headers.ts'
import { givenTrace } from '../../src/job/trace-parent.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** A text that differs by name, so that it is not remembered yet. */
const headersOf = (name: string, length = 0) => JSON.stringify({ name, a: 'x', filler: 'f'.repeat(length) })

test('only text values of an object are task headers', () => {
  expect(parseHeaders('{"a":"x","b":1,"c":null}')).toEqual({ a: 'x' })
  for (const text of ['', '[]', 'null', '{"a":']) {
    expect(parseHeaders(text)).toEqual({})
    expect(taskHeader(text, 'a')).toBeUndefined()
  }
  expect(taskHeader('{"a":"x","b":1}', 'b')).toBe(1)
  expect(taskHeader('{"a":"x"}', 'toString')).toBeUndefined()
})

test('task headers are parsed once for all jobs of a task', () => {
  const text = headersOf('of many jobs')
  const parse = vi.spyOn(JSON, 'parse')
  for (let job = 0; job < 100; job += 1) {
    // Each job has its own copy of the text.
    const own = Buffer.from(text).toString()
    expect(parseHeaders(own)['a']).toBe('x')
    ownMaxWait(own)
    elementTemplate(own)
    givenTrace(own, undefined)
  }
  expect(parse).toHaveBeenCalledTimes(1)
})

test('parsed task headers are dropped when there are many others, and long ones are not cached', () => {
  const parse = vi.spyOn(JSON, 'parse')
  const first = headersOf('first')
  parseHeaders(first)
  for (let other = 0; other < 20; other += 1) parseHeaders(headersOf(`other ${other}`, 40_000))
  parseHeaders(first)
  expect(parse).toHaveBeenCalledTimes(22)
  const long = headersOf('long', 100_000)
  parseHeaders(long)
  parseHeaders(long)
  parseHeaders(first)
  expect(parse).toHaveBeenCalledTimes(24)
})
