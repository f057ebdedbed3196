import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthorization } from '../../src/camunda/authorization.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { TlsFiles } from '../../src/camunda/tls-files.ts'
import { activateJobs } from './activate-jobs.ts'
import { type Authority, type Issued, makeAuthority } from './certificates.ts'
import { type FakeGateway, type FakeGatewayOptions, startFakeGateway } from './fake-gateway.ts'

const files = ({ certFile, keyFile }: Issued): TlsFiles => ({
  certificateChainFile: certFile,
  privateKeyFile: keyFile,
})

describe('a gateway with TLS', () => {
  let authority: Authority
  let other: Authority
  let server: Issued
  let client: Issued
  let stranger: Issued
  const gateways: FakeGateway[] = []
  const ports: JobPort[] = []

  beforeAll(async () => {
    authority = await makeAuthority('Test authority')
    other = await makeAuthority('Another authority')
    server = await authority.issue('gateway')
    client = await authority.issue('quarry')
    stranger = await other.issue('stranger')
  })
  afterEach(async () => {
    await Promise.all(ports.splice(0).map((port) => port.close()))
    await Promise.all(gateways.splice(0).map((gateway) => gateway.stop()))
  })
  afterAll(async () => {
    await Promise.all([authority?.remove(), other?.remove()])
  })

  async function start(tls: FakeGatewayOptions['tls']): Promise<FakeGateway> {
    const gateway = await startFakeGateway(tls === undefined ? {} : { tls })
    gateways.push(gateway)
    return gateway
  }

  function makePort(address: string, tls: TlsFiles = {}): JobPort {
    const port = makeGrpcJobPort({ address, tls })
    ports.push(port)
    return port
  }

  const trusted = () => ({ rootCertificateFile: authority.certFile })
  const mutual = () => ({ ...server, clientAuthority: authority.cert })

  async function refusal(address: string, tls: TlsFiles): Promise<string> {
    const error = await makePort(address, tls)
      .topology()
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ disposition: 'later', status: 'UNAVAILABLE' })
    return String(error)
  }

  test('is reached by a client that trusts its authority', async () => {
    const { address } = await start(server)
    expect((await makePort(address, trusted()).topology()).gatewayVersion).toBe('8.8.0')
  })

  test('accepts a client certificate of its authority', async () => {
    const { address } = await start(mutual())
    const port = makePort(address, { ...trusted(), ...files(client) })
    expect((await port.topology()).gatewayVersion).toBe('8.8.0')
  })

  test('carries a user and a password', async () => {
    const gateway = await start(server)
    gateway.accepts = (header) => header === `Basic ${Buffer.from('demo:secret').toString('base64')}`
    const authorization = makeAuthorization({ strategy: 'BASIC', username: 'demo', password: 'secret' })
    const port = makeGrpcJobPort({ address: gateway.address, tls: trusted(), authorization })
    ports.push(port)
    await port.topology()
    const nobody = makePort(gateway.address, trusted())
    await expect(nobody.topology()).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
      message: expect.stringContaining('Check the credentials for Camunda.'),
    })
  })

  test('with a certificate of an untrusted authority is refused, and the message names the setting', async () => {
    const { address } = await start(server)
    for (const tls of [{}, { rootCertificateFile: other.certFile }]) {
      const message = await refusal(address, tls)
      expect(message).toContain(address.replace('grpcs://', ''))
      expect(message).toContain('an authority that is not trusted here')
      expect(message).toContain('CAMUNDA_CUSTOM_ROOT_CERT_PATH')
    }
  })

  test('with an expired certificate is refused', async () => {
    const { address } = await start(await authority.issue('old-gateway', { expired: true }))
    expect(await refusal(address, trusted())).toContain('its certificate has expired')
  })

  test('with a certificate for another name is refused', async () => {
    const { address } = await start(await authority.issue('elsewhere', { host: 'zeebe.example.com' }))
    expect(await refusal(address, trusted())).toContain('its certificate is for another name')
  })

  test('that requires a client certificate: the message to a client without one names it', async () => {
    const { address } = await start(mutual())
    const message = await refusal(address, trusted())
    expect(message).toContain('it asks for a client certificate')
    expect(message).toContain('CAMUNDA_CUSTOM_CERT_CHAIN_PATH and CAMUNDA_CUSTOM_PRIVATE_KEY_PATH')
  })

  test("that does not accept our certificate's authority: the message names that", async () => {
    const { address } = await start(mutual())
    const message = await refusal(address, { ...trusted(), ...files(stranger) })
    expect(message).toMatch(/refused our client certificate. Check CAMUNDA_CUSTOM_CERT_CHAIN_PATH/)
  })

  test('that finds our certificate expired: the message names that', async () => {
    const { address } = await start(mutual())
    const expired = await authority.issue('old-quarry', { expired: true })
    const message = await refusal(address, { ...trusted(), ...files(expired) })
    expect(message).toContain('our client certificate has expired')
  })

  test('is not found behind a port that speaks another protocol', async () => {
    const { address } = await start(undefined)
    expect(await refusal(address.replace('grpc:', 'grpcs:'), {})).toContain('Check scheme and port')
  })

  test('that is called without TLS is recognised', async () => {
    const { address } = await start(server)
    expect(await refusal(address.replace('grpcs:', 'grpc:'), {})).toContain('it speaks TLS. Write grpcs://')
  })

  test('that does not exist is reported as missing', async () => {
    const { address, stop } = await start(undefined)
    await stop()
    expect(await refusal(address, {})).toContain('nothing listens there')
    expect(await refusal('grpcs://no-such-host.invalid', {})).toContain('there is no such host')
  })

  test('that accepts connections but does not answer is given up', async () => {
    const silent: Server = createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const bound = silent.address()
    const address = `grpcs://localhost:${typeof bound === 'object' ? bound?.port : ''}`
    const port = makeGrpcJobPort({ address, callTimeoutMs: 300 })
    await expect(port.topology()).rejects.toMatchObject({ disposition: 'later' })
    await port.close()
    silent.close()
  })

  test('that needs files: missing and wrong files are named with their setting', async () => {
    const wrong: readonly (readonly [TlsFiles, RegExp])[] = [
      [
        { rootCertificateFile: '/nowhere/ca.pem' },
        /\/nowhere\/ca\.pem .*ENOENT.*CAMUNDA_CUSTOM_ROOT_CERT_PATH/,
      ],
      [
        { rootCertificateFile: client.keyFile },
        /quarry\.key holds no certificate.*CAMUNDA_CUSTOM_ROOT_CERT_PATH/,
      ],
      [
        { ...files(client), privateKeyFile: stranger.keyFile },
        /quarry\.pem and .*stranger\.key are not a certificate/,
      ],
      [{ ...files(client), certificateChainFile: client.keyFile }, /CAMUNDA_CUSTOM_PRIVATE_KEY_PATH/],
    ]
    for (const [tls, message] of wrong) {
      expect(() => makeGrpcJobPort({ address: 'grpcs://localhost', tls })).toThrow(message)
    }
  })
})

describe('the address of a gateway', () => {
  test('that is invalid is shown, but without a password in it', () => {
    expect(() => makeGrpcJobPort({ address: 'ftp://host:1' })).toThrow('"ftp://host:1"')
    expect(() => makeGrpcJobPort({ address: 'grpc://user:hunter2@host:1' })).toThrow(
      /^(?!.*hunter2).*user or password/,
    )
  })
})

describe('tenants', () => {
  test('that Zeebe refuses are named, with the consequence', async () => {
    const gateway = await startFakeGateway()
    const port = makeGrpcJobPort({ address: gateway.address })
    gateway.tenants = ['a']
    const request = { type: 'x', worker: 'w', timeoutMs: 1_000, fetchVariables: [], tenantIds: ['a', 'b'] }
    const asked = [
      activateJobs(port, { ...request, maxJobs: 1, requestTimeoutMs: 1 }),
      port.stream(request, () => undefined, new AbortController().signal),
    ]
    for (const call of asked) {
      await expect(call).rejects.toMatchObject({
        ...{ disposition: 'rejected', status: 'PERMISSION_DENIED' },
        message: expect.stringMatching(
          /until this client is assigned to "b" in Camunda, or CAMUNDA_TENANT_ID/,
        ),
      })
    }
    gateway.tenants = ['a', 'b']
    gateway.addJob({ type: 'x', tenantId: 'a' })
    gateway.addJob({ type: 'x', tenantId: 'b' })
    const jobs = await activateJobs(port, { ...request, maxJobs: 5, requestTimeoutMs: 1_000 })
    expect(jobs.map(({ tenantId }) => tenantId)).toEqual(['a', 'b'])
    await port.close()
    await gateway.stop()
  })
})
