import { describe, expect, it } from 'vitest'
import { hostName, isOwnOrigin } from '../../src/dashboard/request-origin.ts'

const ASKED = { method: 'POST', site: undefined, origin: undefined, host: 'quarry.example.com' }

describe('a request that changes something', () => {
  it.each([
    ['of our page, as a browser says', { site: 'same-origin' }, true],
    [
      'of our page behind a proxy that names another host',
      { site: 'same-origin', origin: 'https://ops.example.com' },
      true,
    ],
    ['of our page, in an old browser', { origin: 'https://quarry.example.com' }, true],
    ['of a script without a browser', {}, true],
    ['of another page', { site: 'cross-site', origin: 'https://evil.example' }, false],
    [
      'of another page that claims our origin',
      { site: 'cross-site', origin: 'https://quarry.example.com' },
      false,
    ],
    ['of a page beside ours', { site: 'same-site', origin: 'https://shop.example.com' }, false],
    ['of another page, in an old browser', { origin: 'https://evil.example' }, false],
    ['of a page without an origin', { origin: 'null' }, false],
  ])('%s: %j is accepted: %s', (_, headers, is) => {
    expect(isOwnOrigin({ ...ASKED, ...headers })).toBe(is)
  })

  it('may come from anywhere if it only reads', () => {
    expect(isOwnOrigin({ ...ASKED, method: 'GET', site: 'cross-site' })).toBe(true)
    expect(isOwnOrigin({ ...ASKED, method: 'DELETE', site: 'cross-site' })).toBe(false)
  })
})

describe('the name in a Host header', () => {
  it.each([
    ['localhost:9400', 'localhost'],
    ['[::1]:9400', '::1'],
    ['127.0.0.1', '127.0.0.1'],
    ['rebound.evil.example:9400', 'rebound.evil.example'],
    ['', null],
    [undefined, null],
  ])('of %s is %s', (host, name) => {
    expect(hostName(host)).toBe(name)
  })
})
