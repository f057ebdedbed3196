import { describe, expect, test } from 'vitest'
import { judgeKeys } from '../../src/doctor/judge-keys.ts'
import type { KeyHolder, PayloadRole } from '../../src/payload/key-holders.ts'

const [OLD, NEW] = ['0a0a0a0a', '1b1b1b1b']

function holder(name: string, keys: readonly string[], lacks: readonly string[] = []): KeyHolder {
  const roles: PayloadRole[] = [name.startsWith('adapter') ? 'adapter' : 'bedrock']
  return { name, roles, regions: null, keys, lacks }
}

const judge = (own: readonly string[], ...holders: KeyHolder[]) =>
  judgeKeys(own, holders).map(({ level, text }) => `${level}: ${text}`)

describe('payload keys', () => {
  test('are described from the settings alone, and their absence is reported', () => {
    expect(judge([OLD, NEW])).toEqual([`ok: Payloads are encrypted with key ${OLD}; keys: 2.`])
    expect(judge([])).toEqual([expect.stringMatching(/^warning: .*unencrypted in Redis, as in Zeebe/)])
    expect(judge([], holder('adapter-1', []), holder('worker-1', []))).toHaveLength(1)
  })

  test('with which a process refuses payloads in Redis are a fault with what to do', () => {
    const refusing = { ...holder('adapter-1', [OLD]), refuses: { plaintext: 2, damaged: 1 } }
    expect(judge([OLD], refusing)).toEqual([
      expect.stringMatching(/^ok/),
      expect.stringMatching(/^fault: adapter-1 .* 2 jobs aside.*plaintext.*QUARRY_PAYLOAD_PLAINTEXT=accept/),
      expect.stringMatching(/^fault: adapter-1 .* 1 job aside.*damaged.*who can write to this Redis/),
    ])
  })

  test('that all processes have are fine', () => {
    expect(judge([OLD], holder('adapter-1', [OLD]), holder('worker-1', [OLD]))).toEqual([
      `ok: Payloads are encrypted with key ${OLD}, as processes that run (2) do; keys: 1.`,
    ])
  })

  test('that a process lacks are a fault that names the process, whatever the local settings have', () => {
    for (const own of [[OLD], [], [NEW]]) {
      expect(judge(own, holder('adapter-1', [OLD]), holder('worker-1', []))).toContainEqual(
        expect.stringMatching(
          /^fault: worker-1 \(bedrock\) cannot read what adapter-1 \(adapter\) encrypts: key 0a0a0a0a /,
        ),
      )
    }
  })

  test('that the local settings lack are a warning', () => {
    const running = [holder('adapter-1', [OLD]), holder('worker-1', [OLD])]
    expect(judge([], ...running)).toEqual([
      expect.stringMatching(
        /^warning: Processes that run \(2\) encrypt with key 0a0a0a0a; these settings hold no/,
      ),
    ])
    expect(judge([NEW], ...running)).toEqual([
      expect.stringMatching(/^warning: .*these settings hold key 1b1b1b1b only/),
    ])
    expect(judge([NEW, OLD], ...running)).toEqual([expect.stringMatching(/^warning: .*as a further one/)])
  })

  test.each([
    [
      'the new one is added as the second',
      [holder('adapter-1', [OLD, NEW]), holder('worker-1', [OLD])],
      [NEW],
    ],
    ['it is made the first', [holder('adapter-1', [NEW, OLD]), holder('worker-1', [OLD, NEW])], []],
    ['the old one is left out', [holder('adapter-1', [NEW, OLD]), holder('worker-1', [NEW])], [OLD]],
  ])('that are changed step by step are no fault: %s', (_title, holders, told) => {
    const verdicts = judge(holders[0]?.keys ?? [], ...holders)
    expect(verdicts.filter((text) => text.startsWith('fault'))).toEqual([])
    const warned = verdicts.filter((text) => text.startsWith('warning'))
    expect(warned).toEqual(told.map((id) => expect.stringContaining(`Key ${id} is there to decrypt only`)))
  })

  test('are a fault when a new key encrypts before all processes have it', () => {
    expect(judge([NEW, OLD], holder('adapter-1', [NEW, OLD]), holder('worker-1', [OLD]))).toContainEqual(
      expect.stringMatching(/^fault: worker-1 .* key 1b1b1b1b is missing there/),
    )
  })

  test('that no process has any more are named once a process met their payloads', () => {
    expect(judge([NEW], holder('adapter-1', [NEW]), holder('worker-1', [NEW], [OLD]))).toContainEqual(
      expect.stringMatching(/^fault: Payloads wait in Redis under key 0a0a0a0a, which no process/),
    )
  })
})
