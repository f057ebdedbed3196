import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { makeFeelPool } from '../../src/feel/pool.ts'
import type { JsonObject } from '../../src/job/json.ts'
import { parseJson, stringifyJson } from '../../src/job/json.ts'

const pool = makeFeelPool('8.8', { processes: 2, timeMs: 500, memoryMb: 64 })
afterAll(() => pool.close())

function children(): string[] {
  const threads = readdirSync('/proc/self/task')
  return threads.flatMap((id) => readFileSync(`/proc/self/task/${id}/children`, 'utf8').trim().split(' '))
}

const endless = '{a: for i in 1..1000000000, j in 1..1000000000 return i}'

/** An expression with the same value that only a child evaluates. */
function inChild(expression: string): string {
  return `(for i in 1..1 return ${expression})[1]`
}

describe('expressions of jobs of several lines', () => {
  test.each([
    ['in the process', '{a: ignoreError({})}'],
    ['in a child', inChild('{a: ignoreError({})}')],
  ])('have the functions of the line of their job, %s', async (_, expression) => {
    const owner = { tenantId: 't', bpmnProcessId: 'p' }
    const answerOf = async (line?: '8.8' | '8.10') => {
      const result = await pool.evaluate(expression, {}, line === undefined ? owner : { ...owner, line })
      return result.ok && (result.value as { a?: unknown }).a
    }
    // A function that the line does not know gives null.
    expect(await answerOf('8.10')).toEqual(expect.any(Object))
    expect(await answerOf('8.8')).toBeNull()
    expect(await answerOf()).toBeNull()
  })
})

describe('expressions in processes of their own', () => {
  test('give the same results as in the process, big numbers exact', async () => {
    const result = await pool.evaluate(
      inChild('{a: big, b: 0.1 + 0.2}'),
      parseJson('{"big":9007199254740993}') as JsonObject,
    )
    expect(result.ok && stringifyJson(result.value)).toBe('{"a":9007199254740993,"b":0.3}')
  })

  test('fail with the same message as in the process', async () => {
    expect(await pool.evaluate('={a: ', {})).toMatchObject({ ok: false, why: 'parse' })
  })

  test('that wait for one child are sent in one message, and one that kills the child fails alone', async () => {
    const one = makeFeelPool('8.8', { processes: 1, timeMs: 30_000, memoryMb: 32 })
    const expressions = [inChild('n'), inChild('n + 1'), endless, inChild('n + 2'), inChild('n + 3')]
    try {
      const results = await Promise.all(expressions.map((expression) => one.evaluate(expression, { n: 1 })))
      expect(results.map((result) => (result.ok ? result.value : result.message))).toEqual([
        1,
        2,
        expect.stringMatching(/it used more than 32 MB/),
        3,
        4,
      ])
    } finally {
      await one.close()
    }
  })

  test('that never end fail alone, while a hundred others complete', async () => {
    const hostile = pool.evaluate('some i in 1..100000, j in 1..100000 satisfies i + j < 0', {})
    const others = Array.from({ length: 100 }, (_, n) => pool.evaluate(inChild('{a: n + 1}'), { n }))
    expect(await Promise.all(others)).toEqual(
      Array.from({ length: 100 }, (_, n) => ({ ok: true, value: { a: n + 1 } })),
    )
    expect(await hostile).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^failed to evaluate expression 'some i .*it ran for more than 500 ms/),
    })
  })

  test.each([
    ['a list without end', endless],
    [
      'a list that doubles',
      `{a: [1], ${Array.from({ length: 40 }, (_, n) => `b${n}: ${n === 0 ? 'a' : `b${n - 1}`}`).join(', ')}, z: ${'concatenate('.repeat(40)}a${', a)'.repeat(40)}, y: for x in 1..100000000 return [x, x, x]}`,
    ],
    [
      'a text that doubles',
      `{t0: "xxxxxxxxxx", ${Array.from({ length: 40 }, (_, n) => `t${n + 1}: t${n} + t${n}`).join(', ')}, n: upper case(t30)}`,
    ],
    [
      'a pattern that backtracks',
      '{a: matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")}',
    ],
    ['a number with a billion digits', '{a: decimal(1, 1000000000)}'],
    ['brackets without end', `${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
  ])('%s harms nobody else', async (_what, expression) => {
    const result = await pool.evaluate(expression, {})
    if (!result.ok) expect(result.message).toMatch(/^failed to/)
    expect(await pool.evaluate(inChild('{a: 1}'), {})).toEqual({ ok: true, value: { a: 1 } })
  })

  test('over variables of 10,000 levels fail alone', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`) as JsonObject
    expect(await pool.evaluate('a', deep)).toMatchObject({
      ok: false,
      why: 'limit',
      message: expect.stringMatching(/^failed to evaluate expression 'a': .*nested too deeply/),
    })
    expect(await pool.evaluate(inChild('{a: 1}'), {})).toEqual({ ok: true, value: { a: 1 } })
  })

  test('beyond the memory limit fail with a message that names it', async () => {
    const roomy = makeFeelPool('8.8', { processes: 1, timeMs: 60_000, memoryMb: 32 })
    try {
      expect(await roomy.evaluate(endless, {})).toMatchObject({
        ok: false,
        message: expect.stringMatching(/it used more than 32 MB/),
      })
    } finally {
      await roomy.close()
    }
  })

  test('whose answers are large fail alone, and take none of the worker’s memory', async () => {
    const roomy = makeFeelPool('8.10', { processes: 2, timeMs: 30_000, memoryMb: 256 })
    const answersOf = (megabytes: number) =>
      `{text: string join(for i in 1..${megabytes * 1000} return "${'x'.repeat(1000)}")}`
    try {
      expect(await roomy.evaluate(answersOf(1), {})).toMatchObject({ ok: true })
      const before = process.memoryUsage.rss()
      const asked = Array.from({ length: 6 }, () => roomy.evaluate(answersOf(20), {}))
      for (const result of await Promise.all(asked)) {
        expect(result).toMatchObject({
          ok: false,
          why: 'limit',
          message: expect.stringMatching(/its result is longer than 2097152 characters/),
        })
      }
      expect(process.memoryUsage.rss() - before).toBeLessThan(40 * 1024 * 1024)
    } finally {
      await roomy.close()
    }
  })

  test('fail with a message of limited length', async () => {
    const result = await pool.evaluate(`{a: ${'+ '.repeat(150_000)}`, {})
    expect(result).toMatchObject({ ok: false })
    if (!result.ok) expect(result.message.length).toBeLessThan(400_000)
  })

  test('of one tenant wait for one expression of each other tenant, however many those have queued', async () => {
    const one = makeFeelPool('8.8', { processes: 1, timeMs: 30_000, memoryMb: 64 })
    const ended: string[] = []
    const ask = (tenantId: string, bpmnProcessId: string) =>
      one
        .evaluate('count(for i in 1..1000 return i)', {}, { tenantId, bpmnProcessId })
        .then(() => ended.push(`${tenantId}/${bpmnProcessId}`))
    try {
      const many = Array.from({ length: 30 }, () => ask('a', 'p'))
      await Promise.all([...many, ask('a', 'q'), ask('b', 'p')])
      expect(ended.indexOf('b/p')).toBeLessThan(3)
      expect(ended.indexOf('a/q')).toBeLessThan(5)
    } finally {
      await one.close()
    }
  })

  test('that timed out three times fail at once, for their process definition alone', async () => {
    const one = makeFeelPool('8.8', { processes: 1, timeMs: 100, memoryMb: 64 })
    const [mine, other] = [
      { tenantId: 't', bpmnProcessId: 'p' },
      { tenantId: 't', bpmnProcessId: 'q' },
    ]
    try {
      for (let times = 0; times < 3; times += 1) {
        expect(await one.evaluate(endless, {}, mine)).toMatchObject({
          message: expect.stringMatching(/ran for more than 100 ms and was ended/),
        })
      }
      expect(await one.evaluate(endless, {}, mine)).toMatchObject({
        why: 'limit',
        message: expect.stringMatching(/not tried for a minute/),
      })
      expect(await one.evaluate(endless, {}, other)).toMatchObject({
        message: expect.stringMatching(/and was ended/),
      })
    } finally {
      await one.close()
    }
  })

  test('that wait too long for their turn fail with that reason', async () => {
    const one = makeFeelPool('8.8', { processes: 1, timeMs: 30_000, memoryMb: 64, waitMs: 200 })
    const running = one.evaluate(endless, {}).catch(() => null)
    try {
      expect(await one.evaluate(inChild('1'), {})).toMatchObject({
        why: 'limit',
        message: expect.stringMatching(/waited for more than 200 ms/),
      })
    } finally {
      await one.close()
      await running
    }
  })

  test('give the variables that they read, or a timeout', async () => {
    expect(await pool.paths(['a.b + c', '"x"'])).toEqual([[['a', 'b'], ['c']], []])
    await expect(pool.paths([`${'for a in b return '.repeat(20_000)}c`])).rejects.toThrow(
      /1 expressions cannot be read: it ran for more than 500 ms/,
    )
  })

  // Elsewhere there is no such list of a process's children.
  test.runIf(process.platform === 'linux')('are tried again when their process was ended', async () => {
    const before = children()
    const one = makeFeelPool('8.8', { processes: 1, timeMs: 60_000, memoryMb: 64 })
    try {
      await one.evaluate(inChild('1'), {})
      const result = one.evaluate('count(for i in 1..300000 return i)', {})
      const [child] = children().filter((id) => !before.includes(id))
      process.kill(Number(child), 'SIGKILL')
      expect(await result).toEqual({ ok: true, value: 300_000 })
    } finally {
      await one.close()
    }
  })

  test.runIf(process.platform === 'linux')('start no process where they certainly end', async () => {
    const before = children()
    const none = makeFeelPool('8.8', { processes: 1, timeMs: 60_000, memoryMb: 64 })
    expect(await none.evaluate('={a: response.text}', { response: { text: 'x' } })).toEqual({
      ok: true,
      value: { a: 'x' },
    })
    expect(children()).toEqual(before)
    await none.close()
  })

  test.runIf(process.platform === 'linux')('get another process after a number of them', async () => {
    const before = children()
    const few = makeFeelPool('8.8', { processes: 1, timeMs: 60_000, memoryMb: 64, evaluations: 2 })
    const seen = new Set<string>()
    for (let n = 0; n < 5; n += 1) {
      expect(await few.evaluate(inChild('{a: n}'), { n })).toEqual({ ok: true, value: { a: n } })
      for (const child of children()) if (!before.includes(child)) seen.add(child)
    }
    expect(seen.size).toBe(3)
    await few.close()
  })

  test('find a variable of any name', async () => {
    expect(
      await pool.evaluate(inChild('{a: `__proto__`.b}'), parseJson('{"__proto__":{"b":1}}') as JsonObject),
    ).toEqual({ ok: true, value: { a: 1 } })
  })

  test('are refused once the pool is closed', async () => {
    const closing = makeFeelPool('8.8', { processes: 1, timeMs: 60_000, memoryMb: 64 })
    const running = closing.evaluate(endless, {})
    const waiting = closing.evaluate(inChild('1'), {})
    const both = Promise.allSettled([running, waiting])
    await closing.close()
    await closing.close()
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(closing.evaluate('1', {})).rejects.toThrow(/process stops/)
  })
})
