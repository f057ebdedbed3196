import { describe, expect, it } from 'vitest'
import { makeJobReturns } from '../../src/activate/return-jobs.ts'
import { GatewayError } from '../../src/camunda/gateway-error.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'

const job = (key: number) => ({ key: jobKey(String(key)) }) as ActivatedJob

function returns(refusals: readonly string[] = []) {
  const told: { jobKey: string; timeoutMs: number }[] = []
  const left = [...refusals]
  const extend = async (command: { jobKey: string; timeoutMs: number }) => {
    told.push(command)
    const status = left.shift()
    if (status !== undefined) throw new GatewayError('x', { disposition: 'later', status })
  }
  return { told, ...makeJobReturns({ port: { extend }, random: () => 1 }) }
}

describe('jobs that go back to Zeebe', () => {
  it('come back after the time given for each, if their lane has its share', async () => {
    const { told, untilLater } = returns()
    await untilLater([{ ...job(1), awayMs: 20_000 }])
    expect(told).toEqual([{ jobKey: '1', timeoutMs: 20_000 }])
  })

  it('come back after some seconds if Redis refused them', async () => {
    const { told, forNow } = returns()
    await forNow([job(1)])
    expect(told).toEqual([{ jobKey: '1', timeoutMs: 5_000 }])
  })

  it('come back at once if this process stops', async () => {
    const { told, atOnce } = returns()
    await atOnce([job(1), job(2)])
    expect(told.map(({ timeoutMs }) => timeoutMs)).toEqual([1, 1])
  })

  it('are returned again if Zeebe pushes back, because otherwise they are out of reach until their lease ends', async () => {
    const { told, atOnce } = returns(['RESOURCE_EXHAUSTED'])
    await atOnce([job(1)])
    expect(told).toHaveLength(2)
  })

  it('come back when their lease ends if Zeebe does not answer', async () => {
    const { told, atOnce } = returns(['UNAVAILABLE'])
    await expect(atOnce([job(1)])).resolves.toBeUndefined()
    expect(told).toHaveLength(1)
  })
})
