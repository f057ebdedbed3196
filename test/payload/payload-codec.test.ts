import { createCipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jobKey } from '../../src/job/ids.ts'
import { type QueuedJob, readQueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'
import { parseHeaders } from '../../src/job/task-headers.ts'
import {
  makePayloadCodec,
  type PayloadKey,
  payloadKey,
  readPayloadKeys,
} from '../../src/payload/payload-codec.ts'

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
  ])('decodes what it encoded (%s)', (_, codec) => {
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

  it('leaves nothing readable with a key', () => {
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

  it('distinguishes a newer version from damage', () => {
    expect(errorOf(() => makePayloadCodec().decode('3p{}', 'z-1-1'))).toMatchObject({
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

/** As version 1 wrote it: AES-256-GCM under the key itself, bound to the id alone. */
function asBefore(payload: string, { id, bytes }: PayloadKey, about: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', bytes, iv)
  cipher.setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(`p${payload}`), cipher.final()])
  return `1e${id}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`
}

describe('with a key, a forged payload', () => {
  const codec = makePayloadCodec([key], { installation: 'quarry' })

  it.each([
    ['1p{}', /plaintext.*QUARRY_PAYLOAD_PLAINTEXT=accept/],
    [`1z${deflateRawSync('{}').toString('base64')}`, /plaintext/],
    ['1p["1",1]', /plaintext/],
  ])('in plaintext is refused for every purpose: %s', (stored, message) => {
    for (const purpose of ['job', 'outcome', 'failure'] as const) {
      const error = errorOf(() => codec.decode(stored, 'z-1-1', purpose))
      expect(error).toMatchObject({ name: 'PayloadError', code: 'plaintext', keyId: undefined })
      expect(String(error)).toMatch(message)
    }
  })

  it('in an unknown form is refused', () => {
    for (const stored of [
      '',
      'p{}',
      '{}',
      '2p{}',
      '2z',
      '1',
      '1x',
      '1b',
      '2e',
      `2e${key.id}`,
      `2e${key.id}.`,
      `1e${key.id}.AAAA`,
    ]) {
      expect(
        errorOf(() => codec.decode(stored, 'z-1-1')),
        stored,
      ).toMatchObject({ name: 'PayloadError' })
    }
  })

  it('is refused for another job, another purpose or another installation with the same key', () => {
    const text = codec.encode('["x"]', 'z-1-1', 'job')
    expect(codec.decode(text, 'z-1-1', 'job')).toBe('["x"]')
    const elsewhere = makePayloadCodec([key], { installation: 'staging' })
    for (const read of [
      () => codec.decode(text, 'z-1-2', 'job'),
      () => codec.decode(text, 'z-2-1', 'job'),
      () => codec.decode(text, 'z-1-1', 'outcome'),
      () => codec.decode(text, 'z-1-1', 'failure'),
      () => elsewhere.decode(text, 'z-1-1', 'job'),
      () => codec.decode(`1${text.slice(1)}`, 'z-1-1', 'job'),
    ]) {
      expect(errorOf(read)).toMatchObject({ code: 'damaged' })
    }
  })

  it('with any changed byte is refused', () => {
    const text = codec.encode('{"kind":"completed"}', 'z-1-1', 'outcome')
    const [head = '', body = ''] = text.split('.')
    const bytes = Buffer.from(body, 'base64')
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = Buffer.from(bytes)
      changed[place] = (changed[place] ?? 0) ^ 1
      const stored = `${head}.${changed.toString('base64')}`
      expect(errorOf(() => codec.decode(stored, 'z-1-1', 'outcome'))).toMatchObject({ code: 'damaged' })
    }
  })

  it('cannot inflate beyond a limit', () => {
    const bomb = deflateRawSync(Buffer.alloc(80 * 1024 * 1024, 'a')).toString('base64')
    expect(errorOf(() => makePayloadCodec().decode(`1z${bomb}`, 'z-1-1'))).toMatchObject({ code: 'damaged' })
  })
})

describe('a change of payload keys', () => {
  it('reads plaintext from before the first key while that is accepted, and reports it', () => {
    const before = makePayloadCodec()
    const told: string[] = []
    const options = { plaintext: 'accept', onOld: (form: string) => void told.push(form) } as const
    const during = makePayloadCodec([key], options)
    for (const payload of ['["short"]', JSON.stringify(['long '.repeat(2_000)])]) {
      expect(during.decode(before.encode(payload, 'z-1-1'), 'z-1-1')).toBe(payload)
      expect(during.decode(during.encode(payload, 'z-1-1'), 'z-1-1')).toBe(payload)
    }
    expect(told).toEqual(['plaintext', 'plaintext'])
  })

  it('reads version 1 for the job and the purpose that it was encrypted for', () => {
    const codec = makePayloadCodec([other, key])
    const [job, outcome] = [asBefore('["x"]', key, 'z-1-1'), asBefore('{"kind":"completed"}', key, 'z-1-1')]
    expect(codec.decode(job, 'z-1-1', 'job')).toBe('["x"]')
    expect(codec.decode(outcome, 'z-1-1', 'outcome')).toBe('{"kind":"completed"}')
    for (const read of [
      () => codec.decode(job, 'z-1-1', 'outcome'),
      () => codec.decode(outcome, 'z-1-1', 'job'),
      () => codec.decode(job, 'z-2-1', 'job'),
    ]) {
      expect(errorOf(read)).toMatchObject({ code: 'damaged' })
    }
  })

  it('refuses version 1 if that is set, and names the setting that accepts it', () => {
    const codec = makePayloadCodec([key], { oldFormat: 'refuse' })
    const error = errorOf(() => codec.decode(asBefore('["x"]', key, 'z-1-1'), 'z-1-1'))
    expect(error).toMatchObject({ code: 'oldFormat' })
    expect(String(error)).toContain('QUARRY_PAYLOAD_OLD_FORMAT=read')
  })

  it('writes version 1 if that is set, for older versions', () => {
    const codec = makePayloadCodec([key], { oldFormat: 'write' })
    const text = codec.encode('["x"]', 'z-1-1')
    expect(text).toMatch(/^1e/)
    expect(makePayloadCodec([key]).decode(text, 'z-1-1')).toBe('["x"]')
    // And reads what the others write.
    expect(codec.decode(makePayloadCodec([key]).encode('["y"]', 'z-1-1'), 'z-1-1')).toBe('["y"]')
  })
})

it('no two texts are encrypted under the same key', () => {
  const codec = makePayloadCodec([key])
  const salts = Array.from({ length: 1_000 }, () => codec.encode('x', 'z-1-1').slice(11, 32))
  expect(new Set(salts).size).toBe(1_000)
})

describe('a file of keys', () => {
  const [one, two] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')]

  it('has one key a line, the first of which encrypts', () => {
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
  ])('with a wrong line is refused by the line’s number, without its content: %j', (content, message) => {
    const error = errorOf(() => readPayloadKeys(content))
    expect(String(error)).toContain(message)
    expect(String(error)).not.toContain('sesame')
  })
})

describe('a queued job', () => {
  it('is decoded unchanged, keys beyond 2^53 included', () => {
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

  it('carries its line where versions that know none read the same job', () => {
    const job: QueuedJob = {
      ...{ key: jobKey('7'), epoch: 1, processInstanceKey: '8', bpmnProcessId: 'claims' },
      ...{ processDefinitionKey: '9', elementId: 'ask', tenantId: '<default>', retries: 2 },
      customHeaders: '{"resultVariable":"v","quarry.line":"8.10"}',
      variables: '{}',
      line: '8.8',
    }
    const text = writeQueuedJob(job)
    expect(readQueuedJob(text).line).toBe('8.8')
    const fields: unknown[] = JSON.parse(text)
    expect(fields).toHaveLength(10)
    expect(parseHeaders(String(fields[8]))['resultVariable']).toBe('v')
  })

  it('is not decoded from any other text', () => {
    expect(() => readQueuedJob('["1",2]')).toThrow(TypeError)
  })
})
