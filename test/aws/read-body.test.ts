import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readBody } from '../../src/aws/read-body.ts'

const never = new AbortController().signal

function bodyOf(...chunks: string[]): PassThrough {
  const body = new PassThrough()
  for (const chunk of chunks) body.write(chunk)
  return body
}

describe('a body', () => {
  it('is read as it arrives', async () => {
    const body = bodyOf('an ')
    const read = readBody(body, undefined, never)
    await once(body.end('answer'), 'end')
    expect(String(await read)).toBe('an answer')
  })

  it('of no bytes is read', async () => {
    expect(String(await readBody(bodyOf().end(), 0, never))).toBe('')
    expect(String(await readBody(bodyOf().end(), undefined, never))).toBe('')
  })

  it('that has arrived is read, though its connection broke', async () => {
    const body = bodyOf('an ', 'answer')
    const read = readBody(body, 9, never)
    body.destroy(new Error('The session ended'))
    expect(String(await read)).toBe('an answer')
  })

  it('that has arrived is read, though its connection broke before', async () => {
    const body = bodyOf('an ', 'answer')
    body.on('error', () => {}).destroy(new Error('The session ended'))
    await setImmediate()
    expect(String(await readBody(body, 9, never))).toBe('an answer')
  })

  it.each([
    ['breaks', (body: PassThrough) => body.destroy(new Error('The session ended')), 'The session ended'],
    ['closes with no error', (body: PassThrough) => body.destroy(), 'Closed before'],
    ['ends too early', (body: PassThrough) => body.end(), 'Closed before'],
  ])('that %s is not taken for whole', async (_how, stop, message) => {
    const late = bodyOf('an ')
    const read = readBody(late, 9, never)
    stop(late)
    await expect(read).rejects.toThrow(message)
    const early = stop(bodyOf('an ').on('error', () => {}))
    await expect(readBody(early, 9, never)).rejects.toThrow(message)
  })

  it('of no announced length that breaks is not taken for whole', async () => {
    const body = bodyOf('an ')
    const read = readBody(body, undefined, never)
    body.destroy()
    await expect(read).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  })

  it('is waited for no longer than its signal says', async () => {
    const stopping = new AbortController()
    const read = readBody(bodyOf('an '), 9, stopping.signal)
    stopping.abort()
    await expect(read).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    await expect(readBody(bodyOf('an '), 9, stopping.signal)).rejects.toThrow('Closed before')
  })
})
