import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobKey } from '../../src/job/ids.ts'
import { makePayloadCodec, payloadKey, readPayloadKeys } from '../../src/job/payload-codec.ts'
import { readQueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'

const key = payloadKey(randomBytes(32).toString('base64'))
const other = payloadKey(randomBytes(32).toString('hex'))

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('the payload codec', () => {
  it.each([
    ['plain', makePayloadCodec()],
    ['encrypting', makePayloadCodec([key])],
  ])('gives back what it was given (%s)', (_, codec) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(400), (text, times) => {
        const payload = text.repeat(times)
        expect(codec.decode(codec.encode(payload, 'z-1-1'), 'z-1-1')).toBe(payload)
      }),
    )
  })

  it('keeps large payloads small', () => {
    expect(makePayloadCodec().encode('the same words again. '.repeat(2_000), 'z-1-1').length).toBeLessThan(
      2_000,
    )
  })

  it('leaves nothing readable when there is a key', () => {
    const stored = makePayloadCodec([key]).encode('a very secret prompt', 'z-1-1')
    expect(stored).not.toContain('secret')
    expect(Buffer.from(stored.slice(stored.indexOf('.') + 1), 'base64').toString('latin1')).not.toContain(
      'secret',
    )
  })

  it('opens a payload for the job it was written for, and for no other', () => {
    const codec = makePayloadCodec([key])
    expect(errorOf(() => codec.decode(codec.encode('x', 'z-1-1'), 'z-2-1'))).toMatchObject({
      code: 'damaged',
    })
  })

  it('reads what an older key wrote, while the new key writes', () => {
    const stored = makePayloadCodec([other]).encode('x', 'z-1-1')
    const rotated = makePayloadCodec([key, other])
    expect(rotated.decode(stored, 'z-1-1')).toBe('x')
    expect(rotated.encode('x', 'z-1-1')).toContain(key.id)
  })

  it('names the key that is missing and never the payload', () => {
    const stored = makePayloadCodec([key]).encode('secret', 'z-1-1')
    const error = errorOf(() => makePayloadCodec([other]).decode(stored, 'z-1-1'))
    expect(error).toMatchObject({ code: 'unknownKey' })
    expect(String(error)).toContain(key.id)
    expect(String(error)).not.toContain('secret')
  })

  it('tells a newer version from damage', () => {
    expect(errorOf(() => makePayloadCodec().decode('2p{}', 'z-1-1'))).toMatchObject({
      code: 'unknownVersion',
    })
    expect(errorOf(() => makePayloadCodec().decode('1zAAAA', 'z-1-1'))).toMatchObject({ code: 'damaged' })
  })

  it.each(['c2hvcnQ=', `!${'A'.repeat(42)}=`, `${'A'.repeat(43)}=!`, 'f'.repeat(63)])(
    'refuses a key that is not 32 bytes: %s',
    (text) => {
      expect(() => payloadKey(text)).toThrow(TypeError)
    },
  )
})

describe('a file of keys', () => {
  const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')]

  it('has one a line, the first of which encrypts', () => {
    const keys = readPayloadKeys(`# new\r\n${one}\n\n  ${two}\n`)
    expect(keys).toEqual([payloadKey(one), payloadKey(two)])
    const stored = makePayloadCodec(keys).encode('{}', 'z-1-1')
    expect(makePayloadCodec([payloadKey(one)]).decode(stored, 'z-1-1')).toBe('{}')
  })

  it.each([
    ['', 'there is no key in it'],
    ['# none\n', 'there is no key in it'],
    [`${one}\nsesame\n`, 'line 2 is not a key of 32 bytes in base64'],
    [`${one}\n${two}\n${one}`, 'line 3 is the key of line 1 again'],
  ])('is refused by the line, which is not shown: %j', (content, message) => {
    const error = errorOf(() => readPayloadKeys(content))
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('sesame')
  })
})

describe('a queued job', () => {
  it('comes back from its text as it was, keys beyond 2^53 included', () => {
    const job = {
      key: jobKey('13510798882111489'),
      epoch: 3,
      processInstanceKey: '9007199254740993',
      bpmnProcessId: 'claims',
      processDefinitionKey: '2251799813685249',
      elementId: 'ask',
      tenantId: '<default>',
      retries: 2,
      customHeaders: '{"resultVariable":"v"}',
      variables: '{"data":{"payload":{"id":9007199254740993}}}',
    }
    expect(readQueuedJob(writeQueuedJob(job))).toEqual(job)
  })

  it('is not made of anything else', () => {
    expect(() => readQueuedJob('["1",2]')).toThrow(TypeError)
  })
})
