import { expect, it } from 'vitest'
import { parseGatewayAddress } from '../../src/settings/gateway-address.ts'

it.each([
  ['grpc://zeebe:26500', 'grpc://zeebe:26500'],
  ['grpcs://zeebe.example.com:443', 'grpcs://zeebe.example.com:443'],
  ['http://zeebe:26500/', 'grpc://zeebe:26500'],
  ['https://zeebe.example.com', 'grpcs://zeebe.example.com:443'],
  ['GRPC://Zeebe:1', 'grpc://Zeebe:1'],
  ['zeebe:26500', 'grpc://zeebe:26500'],
  ['zeebe', 'grpc://zeebe:26500'],
  ['abc.bru-2.zeebe.camunda.io:443', 'grpcs://abc.bru-2.zeebe.camunda.io:443'],
  ['127.0.0.1:26500', 'grpc://127.0.0.1:26500'],
  ['[::1]:26500', 'grpc://[::1]:26500'],
])('%s is %s', (text, address) => {
  expect(parseGatewayAddress(text)).toBe(address)
})

it.each([
  '',
  'ftp://zeebe:1',
  'zeebe:0',
  'zeebe:65536',
  'zeebe:abc',
  'grpc://',
  'a b',
  'http://zeebe:1/path',
  '::1',
])('%j is no address', (text) => {
  expect(parseGatewayAddress(text)).toBeNull()
})
