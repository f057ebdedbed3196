import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startConfined } from '../../src/feel/confined-process.ts'

const DENIED = 'ERR_ACCESS_DENIED'

test('a process for expressions can read, start and write nothing, and has none of Quarry’s environment', async () => {
  vi.stubEnv('QUARRY_PAYLOAD_KEY', 'a secret')
  const probe = startConfined(join(import.meta.dirname, 'confinement-probe.ts'), 64)
  const [answer] = await Promise.race([once(probe, 'message'), once(probe, 'exit')])
  probe.kill('SIGKILL')
  vi.unstubAllEnvs()
  expect(answer).toEqual({
    told: {
      'its own environment': DENIED,
      'the environment of the worker': DENIED,
      'the memory of the worker': DENIED,
      'a mounted token': DENIED,
      'a file of the project': DENIED,
      'a file by a way around': DENIED,
      'to write a file': DENIED,
      'a process': DENIED,
      'a thread': DENIED,
      'an inspector': DENIED,
      'native code': 'ERR_DLOPEN_DISABLED',
      'code out of a text': 'EvalError',
      'its own code': 'done',
    },
    environment: [],
    proto: false,
  })
})

test('a child answers all questions of a message together, unless one takes long', async () => {
  const child = startConfined(join(import.meta.dirname, '../../src/feel/child.ts'), 64)
  const question = (expression: string, timeMs: number) => ({
    kind: 'evaluation',
    expression,
    context: '{}',
    line: '8.8',
    timeMs,
    longest: 1_000,
  })
  try {
    expect(await once(child, 'message')).toEqual([null, undefined])
    child.send(['1', '2', '{a: '].map((expression) => question(expression, 30_000)))
    const [answers] = await once(child, 'message')
    expect(answers).toMatchObject([{ json: '1' }, { json: '2' }, { kind: 'failure', why: 'parse' }])
    child.send(
      ['some i in 1..100000, j in 1..100000 satisfies i + j < 0', '2'].map((text) => question(text, 100)),
    )
    expect((await once(child, 'message'))[0]).toEqual([{ kind: 'out of time' }])
  } finally {
    child.kill('SIGKILL')
  }
})
