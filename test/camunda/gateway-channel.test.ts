import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { makeCertificate } from '../../sim/certificate.ts'
import { loadGatewayService } from '../../src/camunda/gateway-protocol.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'

test('a gateway with a certificate of its own authority is reached, and not without that authority', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-tls-'))
  const rootCertificateFile = join(folder, 'ca.pem')
  const { certificate, key } = await makeCertificate(['localhost', '127.0.0.1'])
  await writeFile(rootCertificateFile, certificate)
  const pair = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }
  const server = new Server()
  server.addService(loadGatewayService(), {
    Topology: (_call: unknown, reply: (error: null, answer: object) => void) =>
      reply(null, { gatewayVersion: '8.8.0', clusterSize: 3, partitionsCount: 9 }),
  })
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
  const address = `grpcs://localhost:${bound}`
  const trusting = makeGrpcJobPort({ address, tls: { rootCertificateFile } })
  const wary = makeGrpcJobPort({ address })
  try {
    expect(await trusting.topology()).toEqual({ gatewayVersion: '8.8.0', clusterSize: 3, partitionsCount: 9 })
    await expect(wary.topology()).rejects.toMatchObject({ disposition: 'later', status: 'UNAVAILABLE' })
  } finally {
    await Promise.all([trusting.close(), wary.close()])
    server.forceShutdown()
    await rm(folder, { recursive: true })
  }
})

test('a certificate file that is not there is named', () => {
  const tls = { rootCertificateFile: '/nowhere/ca.pem' }
  expect(() => makeGrpcJobPort({ address: 'grpcs://localhost', tls })).toThrow('/nowhere/ca.pem')
})
