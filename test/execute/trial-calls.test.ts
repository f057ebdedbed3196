import { describe, expect, it } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import type { BedrockRequest } from '../../src/connector/bedrock-request.ts'
import { MOST_TRIALS } from '../../src/execute/served-lane.ts'
import { learnCredential, startTrial } from '../../src/execute/trial-calls.ts'
import { FairGate } from '../../src/job/fair-gate.ts'
import type { PaceEnd } from '../../src/lanes/pace/lane-pace.ts'

const credentials = { kind: 'static', accessKey: 'AKIA', secretKey: 'guessed' } as const
const request = { call: { action: 'converse' }, credentials } as unknown as BedrockRequest

function lane(places = MOST_TRIALS) {
  const proven = makeProvenCredentials()
  const seen = { unfetched: 0 }
  const served = {
    trials: new FairGate(places),
    async unfetched() {
      seen.unfetched += 1
    },
  }
  const asked = { served, owner: { tenantId: 'gold', bpmnProcessId: 'order' }, request }
  const start = (stopping = new AbortController().signal) => startTrial(proven, { ...asked, stopping })
  return { proven, seen, start }
}

describe('a job whose credential is not proven', () => {
  it('gives its fetch back as soon as it has a trial place', async () => {
    const { start, seen } = lane()
    expect((await start())?.isNeeded()).toBe(true)
    expect(seen.unfetched).toBe(1)
  })

  it('takes its turn as others do if all trial places are taken, and keeps its fetch', async () => {
    const { start, seen } = lane(1)
    const first = await start()
    expect(await start()).toBeNull()
    expect(seen.unfetched).toBe(1)
    first?.[Symbol.dispose]()
    expect(await start()).not.toBeNull()
  })

  it('needs no trial place when its credential was proven while it waited', async () => {
    const { start, seen, proven } = lane(1)
    const first = await start()
    const second = start()
    proven.accepted(credentials)
    first?.[Symbol.dispose]()
    expect(await second).toBeNull()
    expect(first?.isNeeded()).toBe(false)
    expect(await start()).toBeNull()
    expect(seen.unfetched).toBe(1)
  })

  it('waits for no trial place when the worker stops', async () => {
    const { start, seen } = lane()
    expect(await start(AbortSignal.abort())).toBeNull()
    expect(seen.unfetched).toBe(0)
  })
})

it.each<[PaceEnd, boolean]>([
  ['ok', true],
  ['throttle', true],
  ['quota', true],
  ['unavailable', false],
  ['failure', false],
  ['unknown', false],
  ['refused', false],
])('a call that ends with %s proves its credential: %s', (end, isProven) => {
  const { proven } = lane()
  learnCredential(proven, request, end)
  expect(proven.has(credentials)).toBe(isProven)
})
