import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { expect, test } from 'vitest'
import {
  AddressRefused,
  isPublicAddress,
  literalAddress,
  publicLookup,
} from '../../src/documents/public-address.ts'

test.each(['8.8.8.8', '93.184.216.34', '2606:4700:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'])(
  '%s is public',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)

test.each([
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.1.2'],
  ['loopback', '::1'],
  ['unspecified', '0.0.0.0'],
  ['unspecified', '::'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '192.168.1.1'],
  ['unique local', 'fd00:ec2::254'],
  ['link-local, where clouds keep credentials', '169.254.169.254'],
  ['link-local', 'fe80::1'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['carrier-grade NAT', '100.100.100.200'],
  ['multicast', '224.0.0.1'],
  ['multicast', 'ff02::1'],
  ['broadcast', '255.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['reserved', '192.0.0.192'],
  ['for documentation', '192.0.2.1'],
  ['for documentation', '2001:db8::1'],
  ['for benchmarks', '198.18.0.1'],
  ['IPv4 in IPv6', '::ffff:127.0.0.1'],
  ['IPv4 in IPv6', '::ffff:a9fe:a9fe'],
  ['IPv4 in IPv6, the old way', '::127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['NAT64', '64:ff9b::169.254.169.254'],
  ['NAT64', '64:ff9b::a00:1'],
  ["NAT64 of Azure's WireServer", '64:ff9b::168.63.129.16'],
  ['local NAT64', '64:ff9b:1::a00:1'],
  ['local NAT64', '64:ff9b:1::808:808'],
  ['IPv4 in IPv6, translated', '::ffff:0:8.8.8.8'],
  ['6to4', '2002:7f00:1::'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['site-local', 'fec0::1'],
  ["Azure's WireServer", '168.63.129.16'],
  ['nothing', 'localhost'],
])('%s: %s is not public', (_, address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test('a host is recognised as an address in any spelling', () => {
  const hostnames = ['http://0x7f.1/', 'http://2130706433/', 'http://127.1/', 'http://[::1]/'].map(
    (url) => new URL(url).hostname,
  )
  expect(hostnames.map(literalAddress)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1', '::1'])
  expect(literalAddress('example.com')).toBeNull()
})

function found(...addresses: string[]): LookupFunction {
  return (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}

function ask(lookup: LookupFunction, all: boolean): Promise<string | LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup('example.com', { all }, (error, address) => (error === null ? resolve(address) : reject(error)))
  })
}

test('only public addresses of a name are connected to', async () => {
  const lookup = publicLookup(found('127.0.0.1', '8.8.8.8', '::1'))
  expect(await ask(lookup, true)).toEqual([{ address: '8.8.8.8', family: 4 }])
  expect(await ask(lookup, false)).toBe('8.8.8.8')
  await expect(ask(publicLookup(found('10.0.0.1')), true)).rejects.toThrow(AddressRefused)
})
