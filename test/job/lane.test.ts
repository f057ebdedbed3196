import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUnroutable, laneName, parseLaneName, UNROUTABLE } from '../../src/job/lane.ts'

describe('lane names', () => {
  it('hold no character that BullMQ forbids or Redis Cluster reads as a hash tag, whatever the model is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (region, model) => {
        expect(laneName({ account: 'default', region, model })).not.toMatch(/[:{}\s]/)
      }),
    )
  })

  it('can be parsed into their parts', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (region, model) => {
        const lane = { account: 'a1', region, model }
        expect(parseLaneName(laneName(lane))).toEqual(lane)
      }),
    )
  })

  it('are readable', () => {
    const lane = {
      account: 'default',
      region: 'eu-west-1',
      model: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
    }
    expect(laneName(lane)).toBe('default@eu-west-1@anthropic.claude-3-5-sonnet-20240620-v1%3A0')
  })

  it('differ for different lanes, however long the model’s name is', () => {
    const long = 'arn:aws:bedrock:'.repeat(100)
    const one = laneName({ account: 'a', region: 'r', model: `${long}1` })
    expect(one).not.toBe(laneName({ account: 'a', region: 'r', model: `${long}2` }))
    expect(one.length).toBeLessThan(400)
  })

  it('that Quarry did not form are refused', () => {
    expect(() => parseLaneName('just-a-queue')).toThrow(TypeError)
  })

  it('include the lane of jobs that cannot be sent', () => {
    expect(isUnroutable(parseLaneName(laneName(UNROUTABLE)))).toBe(true)
    expect(isUnroutable({ account: 'default', region: 'eu-west-1', model: 'none' })).toBe(false)
  })
})
