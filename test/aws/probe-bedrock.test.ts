import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { probeBedrock } from '../../src/aws/probe-bedrock.ts'
import { makeTrust, startCompat, startProxy, startTls11, type TestServer, type Trust } from './servers.ts'

let trust: Trust
const running: TestServer[] = []
beforeAll(async () => {
  trust = await makeTrust()
})
afterAll(() => trust?.remove())
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})
async function up<Server extends TestServer>(starting: Promise<Server>): Promise<Server> {
  const server = await starting
  running.push(server)
  return server
}

describe('a look at Bedrock', () => {
  it.each(['HTTP/2', 'HTTP/1.1'])('reports who answered, and by which protocol: %s', async (protocol) => {
    const refuse = (_request: unknown, response: { writeHead(status: number): { end(): void } }) =>
      response.writeHead(403).end()
    const server = await up(
      protocol === 'HTTP/2' ? startCompat(trust, refuse as never, false) : startTls11(trust, refuse as never),
    )
    const endpoint = `https://127.0.0.1:${server.port}`
    expect(await probeBedrock('eu-central-1', endpoint, { caBundle: trust.caBundle })).toMatchObject({
      ...{ endpoint: `127.0.0.1:${server.port}`, via: null, protocol, status: 403, failure: null },
    })
  })

  it('names the proxy, without its password', async () => {
    const server = await up(startTls11(trust, (_request, response) => response.writeHead(403).end()))
    const proxy = await up(startProxy())
    const probe = await probeBedrock('eu-central-1', `https://127.0.0.1:${server.port}`, {
      caBundle: trust.caBundle,
      httpsProxy: proxy.url.replace('//', '//me:hunter2@'),
    })
    expect(probe).toMatchObject({ via: proxy.url, status: 403 })
    expect(JSON.stringify(probe)).not.toContain('hunter2')
  })

  it('reports the step at which it failed', async () => {
    expect(await probeBedrock('eu-central-1', 'https://127.0.0.1:1', {})).toMatchObject({
      ...{ endpoint: '127.0.0.1:1', protocol: null, status: null },
      failure: { connect: 'tcp', network: 'refused', message: expect.stringMatching(/connection refused/) },
    })
  })
})
