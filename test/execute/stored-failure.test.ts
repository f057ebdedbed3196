// The last failure of a job in Redis: encrypted where there is a key, and believed only where it was.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readFailure, writeFailure } from '../../src/execute/stored-failure.ts'
import { BUDGET_WAIT, type CallFailure } from '../../src/job/call-failure.ts'
import { jobKey } from '../../src/job/ids.ts'
import { longQuota } from '../../src/job/long-quota.ts'
import { makePayloadCodec, payloadKey } from '../../src/payload/payload-codec.ts'

const JOB = { key: jobKey('1'), epoch: 1 }
const plain = makePayloadCodec()
const key = payloadKey(randomBytes(32).toString('base64'))
const codec = makePayloadCodec([key])
const FAILURE: CallFailure = {
  name: 'ValidationException',
  status: 400,
  message: 'your prompt "Hello" is long',
}

describe('the last failure of a job', () => {
  it('is read back unchanged, without the text of an answer', () => {
    for (const each of [plain, codec]) {
      const text = writeFailure({ ...FAILURE, body: 'a model said' }, each, JOB)
      expect(text).not.toContain('a model said')
      expect(readFailure(text, each, JOB)).toEqual(FAILURE)
    }
  })

  it('shows name and status, and nothing of its message, if there is a payload key', () => {
    const text = writeFailure(FAILURE, codec, JOB)
    expect(text).not.toContain('Hello')
    expect(JSON.parse(text)).toEqual({
      name: 'ValidationException',
      status: 400,
      message: '',
      sealed: expect.any(String),
    })
  })

  it.each([
    { name: 'ThrottlingException', message: 'Too many tokens per day, "Hello"' },
    { name: 'ThrottlingException', message: 'Your daily limit, "Hello"' },
    { name: 'ServiceQuotaExceededException', message: 'more than "Hello"' },
    { name: 'ThrottlingException', message: 'Too many tokens, "Hello"' },
  ])('names the quota that is used up: %j', (failure) => {
    const shown = JSON.parse(writeFailure(failure, codec, JOB))
    expect(longQuota(shown)).toBe(longQuota(failure))
    expect(JSON.stringify(shown)).not.toContain('Hello')
  })

  it('shows the message of a budget, which is Quarry’s own text', () => {
    const wait = { name: BUDGET_WAIT, message: 'The budget x is used up.' }
    expect(JSON.parse(writeFailure(wait, codec, JOB))).toMatchObject(wait)
  })

  it('is not read if it was forged, or written for another job or purpose', () => {
    const own = writeFailure(FAILURE, codec, JOB)
    const sealed = (text: string) => JSON.stringify({ name: 'X', sealed: text })
    const forged = '{"name":"X","message":"a forged text"}'
    for (const text of [
      forged,
      sealed('1p{"name":"X","message":"a forged text"}'),
      sealed(codec.encode(forged, 'z-1-1', 'outcome')),
      '{',
      sealed(''),
    ]) {
      expect(readFailure(text, codec, JOB).message).toContain('the last failure is not known')
    }
    expect(readFailure(own, codec, { ...JOB, epoch: 2 }).message).toContain('the last failure is not known')
  })

  it('in the old format is read while plaintext is accepted or older versions run', () => {
    const before = JSON.stringify(FAILURE)
    expect(readFailure(before, makePayloadCodec([key], { oldFormat: 'write' }), JOB)).toEqual(FAILURE)
    expect(readFailure(before, makePayloadCodec([key], { plaintext: 'accept' }), JOB)).toEqual(FAILURE)
    expect(readFailure(writeFailure(FAILURE, codec, JOB), codec, JOB)).toEqual(FAILURE)
  })
})
