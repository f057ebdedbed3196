// Whether Zeebe asks for the same again, by a hash that tells nobody else what it asks for.
import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inputHashes } from '../../src/payload/input-hash.ts'
import { payloadKey } from '../../src/payload/payload-codec.ts'

const key = payloadKey(randomBytes(32).toString('base64'))
const other = payloadKey(randomBytes(32).toString('base64'))
const ASKED = { variables: '{"prompt":"yes"}', customHeaders: '{"a":"b"}' }
/** As versions keep it that know no other. */
const PLAIN = createHash('sha256').update('{"prompt":"yes"}\n{"a":"b"}').digest('base64').slice(0, 22)

describe('the hash of a job’s input', () => {
  it('is that of earlier versions if there is no payload key', () => {
    expect(inputHashes(ASKED, [], 'accept')).toEqual({ input: PLAIN, older: [] })
  })

  it('differs by key, variables and headers', () => {
    const inputs = [
      inputHashes(ASKED, [key], 'accept').input,
      inputHashes(ASKED, [other], 'accept').input,
      inputHashes({ ...ASKED, variables: '{"prompt":"no"}' }, [key], 'accept').input,
      inputHashes({ ...ASKED, customHeaders: '{}' }, [key], 'accept').input,
      PLAIN,
    ]
    expect(new Set(inputs).size).toBe(5)
    expect(inputHashes({ ...ASKED }, [key], 'accept').input).toBe(inputs[0])
  })

  it.each([
    ['keeps what versions before know, beside them', 'keep'],
    ['knows what versions before kept', 'accept'],
    ['does not say whether a guess is right, once that is over', 'refuse'],
  ] as const)('%s', (_, unkeyed) => {
    const { input, older } = inputHashes(ASKED, [key, other], unkeyed)
    const [first, second] = [key, other].map((each) => inputHashes(ASKED, [each], 'refuse').input)
    const expected = {
      keep: { input: PLAIN, older: [first, second] },
      accept: { input: first, older: [second, PLAIN] },
      refuse: { input: first, older: [second] },
    }
    expect({ input, older }).toEqual(expected[unkeyed])
  })

  it('is recognised during a change of keys, in either order', () => {
    const [before, during, after] = [[key], [other, key], [other]].map((keys) =>
      inputHashes(ASKED, keys, 'refuse'),
    )
    expect(during?.older).toContain(before?.input)
    expect(after?.input).toBe(during?.input)
  })
})
