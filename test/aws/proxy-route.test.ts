import { describe, expect, it } from 'vitest'
import { endpointOf, type ProxyRules, proxyFor, readProxy } from '../../src/aws/proxy-route.ts'

const BEDROCK = 'https://bedrock-runtime.eu-central-1.amazonaws.com'
const PROXY = 'http://proxy.example.com:3128'

function addressFor(url: string, rules: ProxyRules): string | null | undefined {
  const endpoint = endpointOf(new URL(url))
  return endpoint === null ? undefined : (proxyFor(endpoint, rules)?.address ?? null)
}

describe('the proxy', () => {
  it.each([
    [BEDROCK, { httpsProxy: PROXY }, PROXY],
    ['http://gateway.internal:8080', { httpsProxy: PROXY }, null],
    ['http://gateway.internal:8080', { httpProxy: PROXY }, PROXY],
    [BEDROCK, { httpProxy: PROXY }, PROXY],
    [BEDROCK, { httpsProxy: PROXY, httpProxy: 'http://other:1' }, PROXY],
    [BEDROCK, {}, null],
  ])('for %s with %o is %s', (url, rules, address) => {
    expect(addressFor(url, rules)).toBe(address)
  })

  it.each([
    ['proxy.example.com:3128', 'http://proxy.example.com:3128', null],
    ['https://proxy.example.com', 'https://proxy.example.com:443', null],
    ['http://10.0.0.1', 'http://10.0.0.1:80', null],
    ['http://[fd00::1]:3128', 'http://[fd00::1]:3128', null],
    ['http://u:p%40ss%3Aword@proxy:3128/', 'http://proxy:3128', 'u:p@ss:word'],
    ['http://u@proxy:3128', 'http://proxy:3128', 'u:'],
  ])('%s is read', (value, address, user) => {
    const proxy = readProxy(value, 'HTTPS_PROXY')
    expect(proxy?.address).toBe(address)
    expect(proxy?.authorization ?? null).toBe(
      user === null ? null : `Basic ${Buffer.from(user).toString('base64')}`,
    )
  })

  it.each(['socks5://proxy:1080', 'http://', '://', 'ftp://proxy'])('%s is none', (value) => {
    expect(readProxy(value, 'HTTPS_PROXY')).toBeNull()
  })
})

describe('NO_PROXY', () => {
  it.each([
    ['*', true],
    ['amazonaws.com', true],
    ['.amazonaws.com', true],
    ['*.amazonaws.com', true],
    ['localhost, .AmazonAWS.com ', true],
    ['localhost|*.amazonaws.com', true],
    ['bedrock-runtime.eu-central-1.amazonaws.com', true],
    ['bedrock-runtime.eu-central-1.amazonaws.com:443', true],
    ['bedrock-runtime.eu-central-1.amazonaws.com.', true],
    ['bedrock-runtime.eu-central-1.amazonaws.com:8443', false],
    ['aws.com', false],
    ['eu-central-1', false],
    ['10.0.0.0/8,localhost', false],
    ['', false],
  ])('%s leads to Bedrock directly: %s', (noProxy, direct) => {
    expect(addressFor(BEDROCK, { httpsProxy: PROXY, noProxy }) === null).toBe(direct)
  })

  it.each([
    ['https://10.1.2.3:8443', '10.0.0.0/8', true],
    ['https://10.1.2.3:8443', '10.1.2.3', true],
    ['https://10.1.2.3:8443', '10.1.2.3:8443', true],
    ['https://10.1.2.3:8443', '2.3', false],
    ['https://10.1.2.3:8443', '11.0.0.0/8', false],
    ['https://10.1.2.3:8443', '10.0.0.0/99', false],
    ['https://[fd00::1]:8443', 'fd00::/8', true],
    ['https://[fd00::1]:8443', 'fd00::1', true],
    ['https://[fd00:1::5]:8443', 'fd00:1::5', true],
    ['https://[fd00::1]:8443', '[fd00::1]:8443', true],
    ['https://[fd00::1]:8443', '[fd00::1]:443', false],
  ])('leads to %s directly by %s: %s', (url, noProxy, direct) => {
    expect(addressFor(url, { httpsProxy: PROXY, noProxy }) === null).toBe(direct)
  })
})
