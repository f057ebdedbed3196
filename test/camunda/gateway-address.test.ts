import { describe, expect, test } from 'vitest'
import { readGatewayAddress } from '../../src/camunda/gateway-address.ts'

describe('the address of a gateway', () => {
  test.for([
    ['grpc://localhost:26501', 'localhost:26501', false],
    ['grpcs://zeebe.example.com:443', 'zeebe.example.com:443', true],
    ['http://camunda-zeebe-gateway:80', 'camunda-zeebe-gateway:80', false],
    ['https://id.bru-2.zeebe.camunda.io', 'id.bru-2.zeebe.camunda.io:443', true],
    ['camunda-zeebe-gateway', 'camunda-zeebe-gateway:26500', false],
    ['10.0.0.7:26500', '10.0.0.7:26500', false],
    ['grpc://[::1]:26500/', '[::1]:26500', false],
    [' GRPCS://host:1 ', 'host:1', true],
  ] as const)('%s means %s, with TLS: %s', ([text, target, secure]) => {
    expect(readGatewayAddress(text)).toEqual({ target, secure })
  })

  test.for(['', 'ftp://host:1', 'host:port', 'host:65536', 'grpc://host/path', '::1', 'a b'])(
    '%j is not taken, and the error shows it',
    (text) => {
      expect(() => readGatewayAddress(text)).toThrow(JSON.stringify(text))
    },
  )

  test('a password in it does not get into the error', () => {
    expect(() => readGatewayAddress('grpc://user:hunter2@host:1')).toThrow(/^(?!.*hunter2).*user or password/)
  })
})
