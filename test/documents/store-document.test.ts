// A document of a paid answer is offered to the store again while that may accept it later.
import { describe, expect, it } from 'vitest'
import { RestError } from '../../src/camunda/rest-error.ts'
import { patientStore } from '../../src/documents/store-document.ts'

const DOCUMENT = { content: Buffer.from('a'), fileName: 'a.txt', contentType: null }

/** Stores with a store that refuses so often; gives the calls of the store, and how it ended. */
async function storedAfter(refusals: number, error: Error, { patienceMs = 60_000, stops = false } = {}) {
  let calls = 0
  const stopping = new AbortController()
  const store = patientStore(
    async () => {
      calls += 1
      if (calls > refusals) return { documentId: 'd' }
      if (stops) stopping.abort()
      throw error
    },
    { patienceMs, stopping: stopping.signal, onFailure: () => undefined },
  )
  const ended = await store(DOCUMENT).catch((reason: unknown) => reason)
  return { calls, ended }
}

const away = new RestError('away', { status: 503 })

describe('a store that refuses', () => {
  it('for a while is asked again', async () => {
    expect(await storedAfter(1, away)).toEqual({ calls: 2, ended: { documentId: 'd' } })
  })

  it('for good is not asked again', async () => {
    const tooLarge = new RestError('too large', { status: 413 })
    expect(await storedAfter(9, tooLarge)).toEqual({ calls: 1, ended: tooLarge })
    const fault = new Error('no document in it')
    expect(await storedAfter(9, fault)).toEqual({ calls: 1, ended: fault })
  })

  it('is asked no longer than the patience lasts, nor once the process stops', async () => {
    expect(await storedAfter(9, away, { patienceMs: 0 })).toEqual({ calls: 1, ended: away })
    expect(await storedAfter(9, away, { stops: true })).toEqual({ calls: 1, ended: away })
  })
})
