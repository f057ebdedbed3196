import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { payloadKeys } from '../../workers/payload-keys.ts'

/** A key of 32 different bytes, the first of which is given. */
const keyFrom = (first: number) =>
  Buffer.from(Array.from({ length: 32 }, (_, place) => first + place)).toString('base64')
const [one, two] = [keyFrom(1), keyFrom(2)]
const keysOf = (env: Record<string, string>) => payloadKeys(loadSettings({ env }).settings)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-keys-'))
})
afterAll(() => rm(folder ?? '', { recursive: true, force: true }))

describe('payload keys', () => {
  it('are none, one, or several separated by commas', () => {
    expect(keysOf({})).toEqual([])
    expect(keysOf({ QUARRY_PAYLOAD_KEY: ` ${one} ` })).toHaveLength(1)
    expect(keysOf({ QUARRY_PAYLOAD_KEY: `${one}, ${two}` }).map(({ bytes }) => bytes[0])).toEqual([1, 2])
  })

  it.each([
    ['sesame', 'its value (not shown) is not 32 bytes in base64'],
    [`${one},sesame`, 'is not a list of keys: key 2 is not 32 bytes in base64'],
    [`${one},${two},${one}`, 'is not a list of different keys: key 3 is key 1 again'],
  ])('are refused without being shown: %s', (text, message) => {
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY: text })).toThrow(message)
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY: text })).not.toThrow('sesame')
  })

  it('come from a file or from the setting, not from both', async () => {
    const file = join(folder, 'keys')
    await writeFile(file, `${two}\n${one}\n`)
    expect(keysOf({ QUARRY_PAYLOAD_KEY_FILE: file }).map(({ bytes }) => bytes[0])).toEqual([2, 1])
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY_FILE: file, QUARRY_PAYLOAD_KEY: one })).toThrow(
      'possible together with QUARRY_PAYLOAD_KEY',
    )
  })

  it('of a wrong file are reported by file and line', async () => {
    const file = join(folder, 'wrong')
    await writeFile(file, 'sesame\n')
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY_FILE: file })).toThrow(
      `The file ${file} holds no payload keys: line 1 is not a key of 32 bytes`,
    )
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY_FILE: '/not/there' })).toThrow(
      '/not/there cannot be read (ENOENT)',
    )
  })

  it.each([
    ['of the example of Secrets, as it was', 'ZXhhbXBsZS1leGFtcGxlLWV4YW1wbGUtZXhhbXBsZSE='],
    ['of the overlay for development, as it was', 'cXVhcnJ5LWRldmVsb3BtZW50LW9ubHktMzItYnl0ZXM='],
    ['of one byte', Buffer.alloc(32, 7).toString('base64')],
    ['of a text that was typed again and again', Buffer.from('sesame--'.repeat(4)).toString('base64')],
  ])('from published examples are refused: %s', async (_, key) => {
    const file = join(folder, 'known')
    await writeFile(file, `${one}\n${key}\n`)
    for (const refused of [{ QUARRY_PAYLOAD_KEY: `${one},${key}` }, { QUARRY_PAYLOAD_KEY_FILE: file }]) {
      const message = messageOf(() => keysOf(refused))
      expect(message).toMatch(
        /(key|line) 2 is a key of an example, or not drawn at random.*openssl rand -base64 32/,
      )
      expect(message).not.toContain(key)
    }
  })
})

function messageOf(run: () => unknown): string {
  try {
    run()
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('passwords from published examples', () => {
  it.each([
    [{ QUARRY_DASHBOARD_USERS: 'ann:viewer:xxxxxxxx,bob:operator:h4rd-t0-guess' }, 'entry 2 has a password'],
    [{ REDIS_URL: 'rediss://quarry:REPLACE@redis.example.com:6379' }, 'REDIS_URL'],
    [{ QUARRY_REDIS_PASSWORD: 'h4rd-t0-guess' }, 'QUARRY_REDIS_PASSWORD'],
    [{ ZEEBE_CLIENT_SECRET: 'REPLACE' }, 'ZEEBE_CLIENT_SECRET'],
    [{ CAMUNDA_BASIC_AUTH_PASSWORD: 'h4rd-t0-guess' }, 'CAMUNDA_BASIC_AUTH_PASSWORD'],
  ])('are refused, and not shown: %j', (env, message) => {
    const told = messageOf(() => loadSettings({ env }))
    expect(told).toContain(message)
    expect(told).toContain('the one of an example, which everybody knows')
    expect(told).not.toMatch(/h4rd-t0|:REPLACE|"REPLACE/)
  })
})
