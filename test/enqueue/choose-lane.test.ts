import { describe, expect, it } from 'vitest'
import { chooseLane } from '../../src/enqueue/choose-lane.ts'
import { isUnroutable, laneName } from '../../src/job/lane.ts'

const route = { region: 'eu-west-1', modelId: 'm1', accessKey: null }

describe('the lane of a job', () => {
  it('is that of its region and model, in the worker’s own account', () => {
    expect(chooseLane(route, 'k')).toEqual({ account: 'default', region: 'eu-west-1', model: 'm1' })
  })

  it('differs by access key, and does not show it', () => {
    const one = chooseLane({ ...route, accessKey: 'AKIAONE' }, 'k')
    const two = chooseLane({ ...route, accessKey: 'AKIATWO' }, 'k')
    expect(one.account).not.toBe(two.account)
    expect(laneName(one)).not.toContain('AKIA')
    expect(chooseLane({ ...route, accessKey: 'AKIAONE' }, 'k')).toEqual(one)
  })

  it('has a pseudonym that tells nothing to whoever lacks the key', () => {
    const keyed = (key: string) => chooseLane({ ...route, accessKey: 'AKIAONE' }, key).account
    expect(keyed('k1')).not.toBe(keyed('k2'))
  })

  it.each([
    { ...route, region: null },
    { ...route, modelId: null },
  ])('is one of its own where region or model are missing', (incomplete) => {
    expect(isUnroutable(chooseLane(incomplete, 'k'))).toBe(true)
  })
})
