import { ThrottlingException } from '@aws-sdk/client-bedrock-runtime'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Quotas } from '../../sim/quota.ts'
import type { QuotaRule } from '../../sim/settings.ts'
import { converse, errorOf, plainClient, simForTest } from './clients.ts'

const LANE = { accessKey: 'AKIA', region: 'eu-west-1', model: 'm1' }

function quotasOf(...rules: QuotaRule[]): Quotas {
  const quotas = new Quotas()
  quotas.configure(rules)
  return quotas
}

describe('the buckets', () => {
  test('60 requests a minute are one a second', () => {
    const quotas = quotasOf({ requestsPerMinute: 60 })
    const takenAt = Array.from({ length: 100 }, (_, index) => index * 100).filter(
      (now) => quotas.take(LANE, 0, now) === 'taken',
    )
    expect(takenAt).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000])
  })

  test('a burst of 10 seconds may be used at once', () => {
    const quotas = quotasOf({ requestsPerMinute: 60, burstSeconds: 10 })
    const admissions = Array.from({ length: 12 }, () => quotas.take(LANE, 0, 0))
    expect(admissions.filter((admission) => admission === 'taken')).toHaveLength(10)
  })

  test('no more than rate and burst are ever let in', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 2_000 }), (gapsMs, requestsPerMinute) => {
        const quotas = quotasOf({ requestsPerMinute })
        let now = 0
        let taken = 0
        for (const gapMs of gapsMs) {
          now += gapMs
          if (quotas.take(LANE, 0, now) === 'taken') taken += 1
        }
        // One more than the rate where a burst is no whole number of requests: it leaves a debt.
        expect(taken).toBeLessThanOrEqual(((now + 1_000) / 60_000) * requestsPerMinute + 1)
      }),
    )
  })

  test('tokens are reserved at the start and settled at the end', () => {
    const quotas = quotasOf({ tokensPerMinute: 60_000 })
    expect(quotas.take(LANE, 600, 0)).toBe('taken')
    expect(quotas.take(LANE, 600, 0)).toBe('no tokens')
    quotas.settle(LANE, 600, 100)
    expect(quotas.take(LANE, 600, 0)).toBe('taken')
  })

  test('a call larger than the burst is admitted alone, and its debt is paid off', () => {
    const quotas = quotasOf({ tokensPerMinute: 60_000 })
    expect(quotas.take(LANE, 3_000, 0)).toBe('taken')
    expect(quotas.take(LANE, 3_000, 2_900)).toBe('no tokens')
    expect(quotas.take(LANE, 3_000, 3_000)).toBe('taken')
  })

  test('a call short of tokens uses no request', () => {
    const quotas = quotasOf({ requestsPerMinute: 60, burstSeconds: 2, tokensPerMinute: 600 })
    expect(quotas.take(LANE, 20, 0)).toBe('taken')
    expect(quotas.take(LANE, 20, 0)).toBe('no tokens')
    expect(quotas.take(LANE, 0, 0)).toBe('taken')
    expect(quotas.take(LANE, 0, 0)).toBe('no requests')
  })

  test('the first rule that matches counts, and lanes share nothing', () => {
    const quotas = quotasOf({ model: 'anthropic.*', requestsPerMinute: 60 }, { requestsPerMinute: 120 })
    const claude = { ...LANE, model: 'anthropic.claude-v2:1' }
    expect(quotas.ruleOf(claude)?.requestsPerMinute).toBe(60)
    expect(quotas.ruleOf(LANE)?.requestsPerMinute).toBe(120)
    quotas.take(claude, 0, 0)
    expect(quotas.take(claude, 0, 0)).toBe('no requests')
    expect(quotas.take({ ...claude, region: 'us-east-1' }, 0, 0)).toBe('taken')
    expect(quotas.take({ ...claude, accessKey: 'AKIB' }, 0, 0)).toBe('taken')
  })

  test('a new rate keeps what was used', () => {
    const quotas = quotasOf({ requestsPerMinute: 60 })
    quotas.take(LANE, 0, 0)
    quotas.configure([{ requestsPerMinute: 600 }])
    expect(quotas.take(LANE, 0, 50)).toBe('no requests')
    expect(quotas.take(LANE, 0, 1_000)).toBe('taken')
  })
})

test('calls above 60 a minute get a ThrottlingException', async () => {
  const sim = await simForTest({ settings: { quotas: [{ requestsPerMinute: 60, burstSeconds: 5 }] } })
  const client = plainClient(sim)
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => client.send(converse('m1'))))
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  expect(refused.length).toBeGreaterThanOrEqual(14)
  for (const error of refused) {
    expect(error).toBeInstanceOf(ThrottlingException)
    expect(error.message).toBe('Too many requests, please wait before trying again.')
  }
  expect(sim.stats()).toMatchObject({ requests: 20, throttled: refused.length, ok: 20 - refused.length })
  expect(sim.stats().lanes['AKIATEST|eu-west-1|m1']?.quotaRequestsPerMinute).toBe(60)
})

test('a call above the tokens per minute gets a ThrottlingException for tokens', async () => {
  const sim = await simForTest({ settings: { quotas: [{ tokensPerMinute: 600 }] } })
  const client = plainClient(sim)
  await client.send(converse('usage-500-100'))
  const error = await errorOf(client.send(converse('usage-500-100')))
  expect(error).toBeInstanceOf(ThrottlingException)
  expect(error.message).toBe('Too many tokens, please wait before trying again.')
})

test('a call that failed gives its tokens back', async () => {
  const sim = await simForTest({ settings: { quotas: [{ tokensPerMinute: 600 }] } })
  const client = plainClient(sim)
  await errorOf(client.send(converse('internal-1')))
  await client.send(converse('internal-1'))
  expect(sim.stats()).toMatchObject({ ok: 1, errors: 1, throttled: 0 })
})
