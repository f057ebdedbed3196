import { describe, expect, it } from 'vitest'
import { signInByProxy } from '../../src/dashboard/proxy-auth.ts'
import { makeTrustedProxies } from '../../src/dashboard/trusted-proxies.ts'

const proxies = makeTrustedProxies(['10.1.0.0/16', '192.0.2.7', 'fd00::/8'])
const ACCESS = {
  kind: 'proxy',
  trusted: [],
  userHeader: 'x-user',
  groupsHeader: 'x-groups',
  operators: ['ann@example.com', 'group:platform'],
} as const

function signIn(headers: Record<string, string>, peer = '10.1.2.3') {
  return signInByProxy(ACCESS, proxies, { peer, header: (name) => headers[name] })
}

describe('trusted proxies', () => {
  it.each([
    ['10.1.255.255', true],
    ['10.2.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['fd12::1', true],
    ['fe80::1', false],
    ['', false],
    ['10.1.2.3, 10.1.2.4', false],
  ])('%s is a valid entry: %s', (address, is) => {
    expect(proxies.has(address)).toBe(is)
  })

  it.each([
    ['the peer, where it is none', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['whom the proxy names', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    [
      'the last that is no proxy: what stands before may be made up',
      '10.1.2.3',
      '1.2.3.4, 198.51.100.1, 10.1.9.9',
      '198.51.100.1',
    ],
    ['the proxy, where it names nobody', '10.1.2.3', undefined, '10.1.2.3'],
  ])('the sender is %s', (_, peer, forwardedFor, sender) => {
    expect(proxies.sender(peer, forwardedFor)).toBe(sender)
  })
})

describe('a user behind a proxy', () => {
  it.each([
    ['an operator by name', { 'x-user': 'ann@example.com' }, 'operator'],
    ['an operator by group', { 'x-user': 'bob', 'x-groups': 'staff, platform' }, 'operator'],
    ['a viewer else', { 'x-user': 'bob', 'x-groups': 'staff' }, 'viewer'],
    ['a viewer whose name is that of a group', { 'x-user': 'group:platform' }, 'viewer'],
    [
      'a viewer whose group is the name of an operator',
      { 'x-user': 'bob', 'x-groups': 'ann@example.com' },
      'viewer',
    ],
  ])('is %s', (_, headers: Record<string, string>, role) => {
    expect(signIn(headers)).toEqual({ kind: 'person', person: { name: headers['x-user'], role } })
  })

  it.each([[{}], [{ 'x-user': ' ' }], [{ 'x-user': 'a\nb' }], [{ 'x-user': 'x'.repeat(129) }]])(
    'is refused with %j',
    (headers: Record<string, string>) => {
      expect(signIn(headers)).toEqual({ kind: 'unknown' })
    },
  )

  it('is not trusted from another sender', () => {
    expect(signIn({ 'x-user': 'ann@example.com' }, '10.2.0.1')).toEqual({ kind: 'untrusted' })
  })
})
