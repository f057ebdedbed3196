import { describe, expect, test } from 'vitest'
import { judgeGap, type KeyHolder, type PayloadRole } from '../../src/payload/key-holders.ts'

const [OLD, NEW] = ['0a0a0a0a', '1b1b1b1b']

function holder(name: string, role: PayloadRole, keys: string[], regions: string[] | null = null): KeyHolder {
  return { name, roles: [role], regions, keys, lacks: [] }
}

const adapter = holder('adapter', 'adapter', [NEW])
const gap = (region: string | null = 'eu-west-1', lacking = [NEW]) => ({
  ...{ lacking: new Set(lacking), self: 'me', role: 'bedrock' as const, region },
})

describe('payloads that a worker cannot read', () => {
  test.each([
    ['another worker has their key', [holder('other', 'bedrock', [OLD, NEW])], true],
    ['only the worker itself is there', [holder('me', 'bedrock', [NEW])], false],
    ['the other one lacks it, too', [holder('other', 'bedrock', [OLD])], false],
    ['who has it is no worker', [], false],
    ['the other one works on other regions', [holder('other', 'bedrock', [NEW], ['us-east-1'])], false],
    ['the other one works on their region', [holder('other', 'bedrock', [NEW], ['eu-west-1'])], true],
  ])('are left to other processes only if these can read them: %s', (_title, workers, others) => {
    expect(judgeGap(gap(), [adapter, ...workers])).toEqual({ others, goesOn: true })
  })

  test('of several keys are left to other processes if each key is held by one of them', () => {
    const workers = [holder('one', 'bedrock', [OLD]), holder('two', 'bedrock', [NEW])]
    expect(judgeGap(gap(null, [OLD, NEW]), workers).others).toBe(true)
    expect(judgeGap(gap(null, [OLD, NEW]), workers.slice(1)).others).toBe(false)
  })

  test('keep arriving while an adapter encrypts with their key, but not while it only decrypts with it', () => {
    expect(judgeGap(gap(), [holder('adapter', 'adapter', [OLD, NEW])]).goesOn).toBe(false)
    expect(judgeGap(gap(), [adapter]).goesOn).toBe(true)
    expect(judgeGap(gap(), [holder('worker', 'bedrock', [NEW])]).goesOn).toBe(false)
  })
})

test('encrypted outcomes come from workers', () => {
  const of = { ...gap(null), role: 'adapter' as const }
  expect(judgeGap(of, [holder('worker', 'bedrock', [NEW]), adapter])).toEqual({ others: true, goesOn: true })
})
