// `quarry doctor` on the way to Bedrock: each step that can fail is named, with what to look at, and no credentials are needed.
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { main } from '../../src/cli/quarry.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { type Authority, makeAuthority } from '../camunda/certificates.ts'

const NOWHERE = '127.0.0.1:1'
const PREFIX = 'doctor-bedrock'

let sim: Sim
let authority: Authority
/** Speaks no HTTP/2. */
let oldServer: { readonly url: string; close(): void }
/** Lets nobody through. */
let closedProxy: { readonly url: string; close(): void }

beforeAll(async () => {
  sim = await startSim()
  authority = await makeAuthority('quarry tests')
  const { cert, key } = await authority.issue('old', { host: 'localhost' })
  const old = createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (_, response) => {
    response.writeHead(403).end('{}')
  })
  const proxy = createServer().on('connect', (_, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  })
  oldServer = { url: `https://localhost:${await listening(old)}`, close: () => old.close() }
  closedProxy = { url: `http://127.0.0.1:${await listening(proxy)}`, close: () => proxy.close() }
})

afterAll(async () => {
  oldServer?.close()
  closedProxy?.close()
  await authority?.remove()
  await sim?.stop()
})

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** What it says of Bedrock, in this process, with this environment and no other. */
async function ofBedrock(env: Record<string, string>): Promise<readonly Omit<Finding, 'check'>[]> {
  const whole = process.env
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  process.env = {
    ...{ REDIS_URL: inject('redisUrl'), QUARRY_REDIS_PREFIX: PREFIX, QUARRY_ROLES: 'bedrock', ...env },
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: sim.url,
  }
  try {
    await main(['doctor', '--json'])
    const { findings } = JSON.parse(write.mock.calls.map(([text]) => String(text)).join('')) as {
      findings: readonly Finding[]
    }
    return findings.filter(({ check }) => check === 'bedrock').map(({ level, text }) => ({ level, text }))
  } finally {
    process.env = whole
    write.mockRestore()
  }
}

it.each([
  ['over TLS, by HTTP/2', () => ({ endpoint: sim.tlsUrl, ca: sim.caFile }), /by HTTP\/2, after \d+ ms\.$/],
  [
    'over TLS, without HTTP/2',
    () => ({ endpoint: oldServer.url, ca: authority.certFile }),
    /by HTTP\/1\.1, /,
  ],
  ['without TLS', () => ({ endpoint: sim.url, ca: undefined }), /by HTTP\/1\.1, /],
])('doctor passes an endpoint that answers, without credentials: %s', async (_, given, text) => {
  const { endpoint, ca } = given()
  const found = await ofBedrock({
    ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_BEDROCK_RUNTIME: endpoint },
    ...(ca === undefined ? {} : { AWS_CA_BUNDLE: ca }),
  })
  expect(found).toEqual([{ level: 'ok', text: expect.stringMatching(text) }])
  expect(found[0]?.text).toContain(`Bedrock of eu-west-1 answers at ${new URL(endpoint).host}`)
})

it.each([
  [
    'a name that nobody knows',
    'https://bedrock.invalid',
    {},
    /^Bedrock of eu-west-1: bedrock\.invalid:443 .*DNS/,
  ],
  [
    'a port that nobody listens at',
    `https://${NOWHERE}`,
    {},
    /127\.0\.0\.1:1 .*ECONNREFUSED.*Look at the endpoint/,
  ],
  ['a certificate that is not trusted', 'tls', {}, /certificate is not trusted.*AWS_CA_BUNDLE/],
  ['a port that does not speak TLS', 'plain', {}, /does not speak TLS.*https or http/],
  ['a proxy that refuses', 'tls', { HTTPS_PROXY: 'proxy' }, /through the proxy .*HTTPS_PROXY.*answered 403/],
  [
    'a proxy that is not there',
    'tls',
    { HTTPS_PROXY: `http://${NOWHERE}` },
    /proxy http:\/\/127\.0\.0\.1:1 .*ECONNREFUSED/,
  ],
])('doctor reports %s as a fault, with the step and what to check', async (_, endpoint, more, text) => {
  const url = { tls: sim.tlsUrl, plain: sim.url.replace('http:', 'https:') }[endpoint] ?? endpoint
  const proxied = Object.fromEntries(
    Object.entries(more).map(([name, value]) => [name, value === 'proxy' ? closedProxy.url : value]),
  )
  const found = await ofBedrock({
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url,
    ...proxied,
  })
  expect(found).toEqual([{ level: 'fault', text: expect.stringMatching(text) }])
})

it('doctor checks the regions of lanes among those that are served', async () => {
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  const registry = makeLaneRegistry(redis, makeKeys(PREFIX))
  for (const region of ['us-east-1', 'eu-central-1', 'none'])
    await registry.touch(laneName({ account: 'default', region, model: 'm' }))
  await closeRedis(redis)
  const endpoint = { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.url }
  const [found] = await ofBedrock(endpoint)
  expect(found?.text).toContain('Bedrock of eu-central-1, us-east-1 answers')
  const [served] = await ofBedrock({ ...endpoint, QUARRY_REGIONS: 'us-east-1' })
  expect(served?.text).toContain('Bedrock of us-east-1 answers')
})
