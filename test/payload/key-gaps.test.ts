import { expect, test } from 'vitest'
import { type GapPlace, makeKeyGaps } from '../../src/payload/key-gaps.ts'
import type { KeyHolder, PayloadRole } from '../../src/payload/key-holders.ts'

const [OLD, NEW] = ['0a0a0a0a', '1b1b1b1b']

function holder(name: string, role: PayloadRole, ...keys: string[]): KeyHolder {
  return { name, roles: [role], regions: null, keys, lacks: [] }
}

function setUp(...others: KeyHolder[]) {
  const holders = [...others]
  const changes: boolean[] = []
  const place: GapPlace = {
    ...{ name: 'lane', role: 'bedrock', region: null },
    remains: async () => true,
    onChange: (left) => changes.push(left),
  }
  const gaps = makeKeyGaps({
    self: 'me',
    holders: async () => holders,
    refresh: () => [OLD],
    keyless: () => false,
  })
  return { gaps, place, holders, changes }
}

test('payloads that only other processes can read are left to them, with a warning that gives the remedy', async () => {
  const { gaps, place, changes } = setUp(holder('other', 'bedrock', NEW))
  expect(gaps.trouble()).toBeNull()
  expect(await gaps.met(place, NEW)).toBe(true)
  expect(gaps.isLeft('lane')).toBe(true)
  expect(gaps.isLeft('another lane')).toBe(false)
  expect(changes).toEqual([true])
  expect(gaps.lacking()).toEqual([NEW])
  expect(gaps.trouble()).toMatch(/key 1b1b1b1b, .* other processes have the key\. .*QUARRY_PAYLOAD_KEY/)
})

test('payloads that no process can read stay here until a process with their key starts', async () => {
  const { gaps, place, holders, changes } = setUp(holder('other', 'bedrock', OLD))
  expect(await gaps.met(place, NEW)).toBe(false)
  expect(gaps.isLeft('lane')).toBe(false)
  expect(gaps.trouble()).toContain('No other process that runs has the key')
  holders.push(holder('third', 'bedrock', NEW))
  expect(await gaps.met(place, NEW)).toBe(true)
  expect(changes).toEqual([true])
})

test('a process without a key takes no jobs while another process refuses plaintext', async () => {
  const holders: KeyHolder[] = [holder('other', 'bedrock', OLD)]
  let keys: string[] = []
  const make = () =>
    makeKeyGaps({
      self: 'me',
      holders: async () => holders,
      refresh: () => keys,
      keyless: () => keys.length === 0,
    })
  expect(await make().unwelcome()).toBe(false)
  holders.push({ ...holder('strict', 'adapter', OLD), strict: true })
  const gaps = make()
  expect(await gaps.unwelcome()).toBe(true)
  expect(gaps.trouble()).toMatch(/it has no payload key.*it takes no jobs.*QUARRY_PAYLOAD_KEY/)
  keys = [OLD]
  expect([await gaps.unwelcome(), gaps.trouble()]).toEqual([false, null])
  keys = []
  holders.pop()
  expect(await make().unwelcome()).toBe(false)
})
