import { describe, expect, it } from 'vitest'
import { accountPseudonym } from '../../src/accounts/account.ts'
import { isUnroutable, laneName } from '../../src/job/lane.ts'
import { requestLane } from '../../src/job/request-lane.ts'

const inputs = { region: 'eu-west-1', modelId: 'm1' }

describe('the lane of a job', () => {
  it('is that of its account, region and model', () => {
    expect(requestLane(inputs, 'default')).toEqual({ account: 'default', region: 'eu-west-1', model: 'm1' })
  })

  it.each([
    { ...inputs, region: null },
    { ...inputs, modelId: null },
  ])('is a separate one if region or model are missing', (incomplete) => {
    expect(isUnroutable(requestLane(incomplete, 'default'))).toBe(true)
  })
})

describe('the name of an unknown account', () => {
  it('differs by access key, is always the same, and does not show it', () => {
    expect(accountPseudonym('AKIAONE')).not.toBe(accountPseudonym('AKIATWO'))
    // Written down: it must not change with a version, or with what Redis has lost.
    expect(accountPseudonym('AKIAONE')).toBe('key-d8c2fb305172')
    expect(accountPseudonym('AKIAONE')).not.toContain('AKIA')
  })
})

describe('names that AWS treats as equal', () => {
  const named = (region: string, modelId: string) =>
    laneName(requestLane({ ...inputs, region, modelId }, 'k'))

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
  ])('differ from: %s', (modelId) => {
    expect(named('eu-west-1', modelId)).not.toBe(named('eu-west-1', 'm1'))
  })
})
