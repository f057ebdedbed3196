import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { payloadKeys } from '../../workers/payload-keys.ts'

const [one, two] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')]
const keysOf = (env: Record<string, string>) => payloadKeys(loadSettings({ env }).settings)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-keys-'))
})
afterAll(() => rm(folder ?? '', { recursive: true, force: true }))

describe('payload keys', () => {
  it('are none, one, or several with commas between them', () => {
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

  it('come from a file, or the setting, and not from both', async () => {
    const file = join(folder, 'keys')
    await writeFile(file, `${two}\n${one}\n`)
    expect(keysOf({ QUARRY_PAYLOAD_KEY_FILE: file }).map(({ bytes }) => bytes[0])).toEqual([2, 1])
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY_FILE: file, QUARRY_PAYLOAD_KEY: one })).toThrow(
      'possible together with QUARRY_PAYLOAD_KEY',
    )
  })

  it('of a file that is wrong are told by the file and the line', async () => {
    const file = join(folder, 'wrong')
    await writeFile(file, 'sesame\n')
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY_FILE: file })).toThrow(
      `The file ${file} holds no payload keys: line 1 is not a key of 32 bytes`,
    )
    expect(() => keysOf({ QUARRY_PAYLOAD_KEY_FILE: '/not/there' })).toThrow(
      '/not/there cannot be read (ENOENT)',
    )
  })
})
