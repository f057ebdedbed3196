import { describe, expect, test } from 'vitest'
import { readGatewayAddress, writeGatewayAddress } from '../../src/job/gateway-address.ts'

describe('the address of a gateway', () => {
  test.for([
    ['grpc://localhost:26501', 'localhost:26501', false],
    ['grpcs://zeebe.example.com:443', 'zeebe.example.com:443', true],
    ['grpcs://zeebe.example.com', 'zeebe.example.com:26500', true],
    ['http://camunda-zeebe-gateway:80', 'camunda-zeebe-gateway:80', false],
    ['http://camunda-zeebe-gateway', 'camunda-zeebe-gateway:80', false],
    ['https://id.bru-2.zeebe.camunda.io', 'id.bru-2.zeebe.camunda.io:443', true],
    ['id.bru-2.zeebe.camunda.io:443', 'id.bru-2.zeebe.camunda.io:443', true],
    ['camunda_zeebe-gateway', 'camunda_zeebe-gateway:26500', false],
    ['10.0.0.7:26500', '10.0.0.7:26500', false],
    ['grpc://[::1]:26500/', '[::1]:26500', false],
    [' GRPCS://Host:1 ', 'Host:1', true],
  ] as const)('%s means %s, with TLS: %s', ([text, target, secure]) => {
    const address = readGatewayAddress(text)
    expect(address).toEqual({ target, secure })
    expect(address && readGatewayAddress(writeGatewayAddress(address))).toEqual(address)
  })

  test.for([
    '',
    'ftp://host:1',
    'host:port',
    'host:0',
    'host:65536',
    'grpc://host/path',
    'grpc://user:pw@host:1',
    '::1',
    'a b',
  ])('%j is invalid', (text) => {
    expect(readGatewayAddress(text)).toBeNull()
  })
})
