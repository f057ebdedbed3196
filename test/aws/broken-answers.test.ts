// Answers that break off without an HTTP/2 error and without an announced length: only their end shows it.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createSecureServer, type Http2SecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../../sim/certificate.ts'
import { type BedrockClients, makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { type CallLimits, callBedrock } from '../../src/aws/call-bedrock.ts'

const HALF = '{"output":{"message":{"role":"assistant","content":[{"te'

let folder: string
let server: Http2SecureServer
let clients: BedrockClients
let connection: TLSSocket
let halfSent: () => void

beforeAll(async () => {
  const { certificate, key } = await makeCertificate(['127.0.0.1'])
  folder = await mkdtemp(join(tmpdir(), 'quarry-broken-'))
  const caBundle = join(folder, 'ca.pem')
  await writeFile(caBundle, certificate)
  server = createSecureServer({ cert: certificate, key })
  server.on('secureConnection', (socket) => {
    connection = socket
  })
  server.on('stream', (stream) => {
    stream.on('error', () => {}).resume()
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.write(HALF, () => halfSent())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  clients = makeBedrockClients({ endpoint: `https://127.0.0.1:${port}`, caBundle })
})
afterAll(async () => {
  clients?.close()
  server?.close()
  await rm(folder ?? '', { recursive: true, force: true })
})
beforeEach(() => {
  halfSent = () => {}
})

const credential = { kind: 'static', accessKey: 'AKIAKNOWN', secretKey: 'secret' } as const
const signal = new AbortController().signal

const call = (operation: 'converse' | 'invokeModel', limits: CallLimits) =>
  callBedrock(
    clients.get('eu-west-1', credential),
    { target: { operation, modelId: 'm1' }, body: '{}' },
    limits,
  )

describe.each(['converse', 'invokeModel'] as const)('half an answer of %s', (name) => {
  it('fails the call when the connection is lost', async () => {
    // Later than the first half, so that it is being read.
    halfSent = () => setTimeout(() => connection.destroy(), 50)
    const result = await call(name, { timeoutMs: 30_000, signal })
    expect(result).toMatchObject({ ok: false, failure: { network: 'cut', status: 200 } })
  })

  it('fails the call at the time limit', async () => {
    const result = await call(name, { timeoutMs: 300, signal })
    expect(result).toMatchObject({ ok: false, failure: { name: 'TimeoutError', timedOutAfterMs: 300 } })
  })
})
