import { describe, expect, it } from 'vitest'
import { makeMask } from '../../src/connector/secret-masking.ts'
import { readRepairs, writeRepairs } from '../../src/execute/stored-repairs.ts'
import { jobKey } from '../../src/job/ids.ts'
import { parseJson, stringifyJson } from '../../src/job/json.ts'
import { makePayloadCodec, payloadKey } from '../../src/payload/payload-codec.ts'

const job = { key: jobKey('7'), epoch: 1 }
const message = parseJson('{"content":[{"text":"it is hunter2-of-the-vault"},{"n":12345678901234567890}]}')
const failed = [{ message, violations: [{ path: '', keyword: 'json', message: 'must be JSON' }] }] as never
const mask = makeMask([{ name: 'KEY', value: 'hunter2-of-the-vault' }] as never)
const sealed = makePayloadCodec([payloadKey(Buffer.alloc(32, 3).toString('base64'))])

describe('answers that are to be repaired', () => {
  it('come back whole, and are stored encrypted with a payload key', () => {
    const stored = writeRepairs(failed, { codec: sealed, job, mask })
    expect(stored).not.toContain('hunter2')
    expect(stringifyJson(readRepairs(stored, sealed, job) as never)).toBe(stringifyJson(failed))
  })

  it('are stored without values of secrets where there is no payload key', () => {
    const codec = makePayloadCodec()
    const stored = writeRepairs(failed, { codec, job, mask })
    expect(JSON.stringify(readRepairs(stored, codec, job))).not.toContain('hunter2')
  })

  it('of another job, or written without the key, are ignored', () => {
    const stored = writeRepairs(failed, { codec: sealed, job, mask })
    expect(readRepairs(stored, sealed, { ...job, epoch: 2 })).toEqual([])
    expect(readRepairs(writeRepairs(failed, { codec: makePayloadCodec(), job, mask }), sealed, job)).toEqual(
      [],
    )
    expect(readRepairs('', sealed, job)).toEqual([])
  })
})
