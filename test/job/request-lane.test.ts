import { describe, expect, it } from 'vitest'
import { isUnroutable, laneName } from '../../src/job/lane.ts'
import { requestLane } from '../../src/job/request-lane.ts'

const route = { region: 'eu-west-1', modelId: 'm1', accessKey: null }

describe('the lane of a job', () => {
  it('is that of its region and model, in the worker’s own account', () => {
    expect(requestLane(route, 'k')).toEqual({ account: 'default', region: 'eu-west-1', model: 'm1' })
  })

  it('differs by access key, and does not show it', () => {
    const one = requestLane({ ...route, accessKey: 'AKIAONE' }, 'k')
    const two = requestLane({ ...route, accessKey: 'AKIATWO' }, 'k')
    expect(one.account).not.toBe(two.account)
    expect(laneName(one)).not.toContain('AKIA')
    expect(requestLane({ ...route, accessKey: 'AKIAONE' }, 'k')).toEqual(one)
  })

  it('has a pseudonym that tells nothing to whoever lacks the key', () => {
    const keyed = (key: string) => requestLane({ ...route, accessKey: 'AKIAONE' }, key).account
    expect(keyed('k1')).not.toBe(keyed('k2'))
  })

  it.each([
    { ...route, region: null },
    { ...route, modelId: null },
  ])('is one of its own where region or model are missing', (incomplete) => {
    expect(isUnroutable(requestLane(incomplete, 'k'))).toBe(true)
  })
})

describe('names that AWS takes for one', () => {
  const named = (region: string, modelId: string) => laneName(requestLane({ ...route, region, modelId }, 'k'))

  it.each([
    ['EU-West-1', 'm1'],
    ['eu-west-1-fips', 'm1'],
    ['fips-eu-west-1', 'm1'],
    ['eu-west-1', 'arn:aws:bedrock:eu-west-1::foundation-model/m1'],
    ['eu-west-1', 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/m1'],
  ])('are one lane: %s, %s', (region, modelId) => {
    expect(named(region, modelId)).toBe(named('eu-west-1', 'm1'))
  })

  it.each([
    'arn:aws:bedrock:us-east-1::foundation-model/m1',
    'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/m1',
    'arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/m1',
  ])('are not: %s', (modelId) => {
    expect(named('eu-west-1', modelId)).not.toBe(named('eu-west-1', 'm1'))
  })
})
