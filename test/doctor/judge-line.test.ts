import { describe, expect, it } from 'vitest'
import { judgeLine } from '../../src/doctor/judge-line.ts'

const AGREED = { line: '8.8', from: 'gateway 8.8.0' } as const

describe('the line that is followed by itself', () => {
  it('is said with its source', () => {
    expect(judgeLine({ setting: 'auto', agreed: AGREED, gateway: '8.8.3' })).toEqual([
      { level: 'ok', text: 'Jobs follow the line 8.8 of the connector (gateway 8.8.0).' },
    ])
  })

  it('is a warning, with the way to change it, after Camunda was upgraded', () => {
    expect(judgeLine({ setting: 'auto', agreed: AGREED, gateway: '8.9.1' })).toEqual([
      { level: 'warning', text: expect.stringMatching(/gateway is 8\.9\.1.*QUARRY_COMPATIBILITY=8\.9 /) },
    ])
  })

  it('is foretold before an adapter has started', () => {
    const foretold = (gateway: string | null) => judgeLine({ setting: 'auto', agreed: null, gateway })
    expect(foretold('8.9.2')).toEqual([{ level: 'ok', text: expect.stringContaining('the line 8.9') }])
    expect(foretold('8.12.0')).toEqual([
      { level: 'warning', text: expect.stringMatching(/the line 8\.10 .*newer than every line/) },
    ])
    expect(foretold(null)).toEqual([{ level: 'ok', text: expect.stringContaining('no adapter has started') }])
  })
})

describe('a line that is set', () => {
  it('is said, and warned of where running processes follow another', () => {
    expect(judgeLine({ setting: '8.8', agreed: AGREED, gateway: '8.9.1' })).toEqual([
      { level: 'ok', text: expect.stringContaining('QUARRY_COMPATIBILITY') },
    ])
    expect(judgeLine({ setting: '8.9', agreed: AGREED, gateway: '8.9.1' })).toEqual([
      { level: 'warning', text: expect.stringContaining('follows 8.8 (gateway 8.8.0)') },
    ])
  })
})
