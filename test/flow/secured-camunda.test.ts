// Quarry against a Camunda that is secured in every way at once: TLS of an authority of its own, client certificates,
// OAuth tokens that run out within a second, and tenants.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JobKey } from '../../src/job/ids.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type Authority, type Issued, makeAuthority } from '../camunda/certificates.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { type FakeTokenEndpoint, startFakeTokenEndpoint } from '../camunda/fake-token-endpoint.ts'
import { callsOf } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'

const WITHIN = { timeout: 20_000 }

describe('a secured Camunda', () => {
  let authority: Authority
  let client: Issued
  let gateway: FakeGateway
  let endpoint: FakeTokenEndpoint
  let quarry: RunningProcess | undefined
  let refused: Set<string>

  beforeAll(async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
    authority = await makeAuthority('Test authority')
    client = await authority.issue('quarry')
  })
  afterAll(() => authority?.remove())
  beforeEach(async () => {
    const clientAuthority = authority.cert
    gateway = await startFakeGateway({ tls: { ...(await authority.issue('gateway')), clientAuthority } })
    endpoint = await startFakeTokenEndpoint({ tls: { ...(await authority.issue('login')), clientAuthority } })
    endpoint.answer = { fields: { token_type: 'Bearer', expires_in: 1 } }
    refused = new Set()
    gateway.accepts = (header) => header?.startsWith('Bearer token-') === true && !refused.has(header)
    gateway.tenants = ['a', 'b']
  })
  afterEach(async () => {
    await quarry?.stop()
    quarry = undefined
    await gateway?.stop()
    await endpoint?.stop()
  })

  const environment = (overrides: Readonly<Record<string, string>> = {}) =>
    testEnvironment({
      CAMUNDA_CLIENT_GRPCADDRESS: gateway.address,
      ZEEBE_GRPC_ADDRESS: '',
      CAMUNDA_CLIENT_AUTH_METHOD: 'oidc',
      CAMUNDA_CLIENT_AUTH_TOKENURL: endpoint.url,
      CAMUNDA_CLIENT_AUTH_CLIENTID: 'quarry',
      CAMUNDA_CLIENT_AUTH_CLIENTSECRET: 'hunter2',
      CAMUNDA_CUSTOM_ROOT_CERT_PATH: authority.certFile,
      CAMUNDA_CUSTOM_CERT_CHAIN_PATH: client.certFile,
      CAMUNDA_CUSTOM_PRIVATE_KEY_PATH: client.keyFile,
      CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTIDS: 'a,b',
      CONNECTOR_AWS_BEDROCK_TIMEOUT: '60000',
      QUARRY_COMPATIBILITY: '8.10',
      ...overrides,
    })

  async function start(env: Record<string, string>): Promise<string> {
    const { settings } = loadSettings({ env })
    quarry = await startRoles(settings)
    return settings.jobType
  }

  interface Task {
    readonly model?: string
    readonly retries?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly newDocuments?: readonly object[]
  }

  function addJob(
    type: string,
    tenantId: string,
    { model = 'm', retries = 3, headers = {}, newDocuments = [] }: Task = {},
  ): JobKey {
    return gateway.addJob({
      ...{ type, tenantId, retries, customHeaders: { resultVariable: 'answer', ...headers } },
      variables: {
        authentication: '{"type":"defaultCredentialsChain"}',
        configuration: '{"region":"eu-west-1"}',
        action: '"converse"',
        data: JSON.stringify({ modelId: model, newMessage: 'Hello', newDocuments }),
      },
    })
  }

  /** Puts in a job, and gives the variables it was completed with. */
  async function run(type: string, tenantId: string, task: Task = {}): Promise<unknown> {
    const { variables } = await gateway.ended(addJob(type, tenantId, task))
    return JSON.parse(String(variables))
  }

  it('jobs of all tenants go on while tokens run out, and when one is refused', async () => {
    const type = await start(environment())
    for (const tenantId of ['a', 'b']) expect(await run(type, tenantId)).toHaveProperty('answer')

    const fetched = endpoint.forms.length
    await vi.waitUntil(() => endpoint.forms.length > fetched + 1, WITHIN)
    expect(await run(type, 'a')).toHaveProperty('answer')

    endpoint.answer = { fields: { token_type: 'Bearer', expires_in: 3_600 } }
    const last = endpoint.forms.length
    await vi.waitUntil(() => endpoint.forms.length > last, WITHIN)
    // As when the identity provider changes its keys: every token out there is worth nothing at once.
    for (let id = 1; id <= endpoint.forms.length; id += 1) refused.add(`Bearer token-${id}`)
    await vi.waitUntil(() => gateway.calls.some(({ status }) => status === 'UNAUTHENTICATED'), WITHIN)
    expect(await run(type, 'b')).toHaveProperty('answer')

    const activations = gateway.calls.filter(({ method }) => /Activate/.test(method))
    expect(new Set(activations.map(({ method }) => method))).toEqual(
      new Set(['ActivateJobs', 'StreamActivatedJobs']),
    )
    for (const { method, request } of activations) {
      // A stream asks for a lease of 30 s at the most, since jobs on their way to one that closes are lost until it ends.
      const timeout = method === 'ActivateJobs' ? '60000' : '30000'
      expect(request).toMatchObject({ tenantIds: ['a', 'b'], timeout })
    }
  })

  it("a task's job timeout is set in Zeebe before its job is executed", async () => {
    const type = await start(environment())
    await run(type, 'a', { headers: { jobTimeout: 'PT15M' } })
    const commands = gateway.calls.filter(({ method }) => /Timeout|Complete/.test(method))
    expect(commands.map(({ method }) => method)).toEqual(['UpdateJobTimeout', 'CompleteJob'])
    expect(commands[0]?.request).toMatchObject({ timeout: '900000' })
  })

  it("a task's job timeout ends its call", async () => {
    const type = await start(environment())
    const task = { model: `slow-30000@${type}`, retries: 1, headers: { jobTimeout: 'PT1S' } }
    const key = addJob(type, 'a', task)
    await vi.waitUntil(() => gateway.job(key).state === 'failed', WITHIN)
    expect(gateway.job(key)).toMatchObject({ retries: 0, errorMessage: expect.stringContaining('1000') })
  })

  it('documents by URL come through the proxy, and Bedrock is not asked through it', async () => {
    const asked: unknown[] = []
    const proxy = createServer(({ method, url, headers }, response) => {
      asked.push([method, url, headers['proxy-authorization']])
      response.end('DOC')
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const type = await start(
      environment({
        CONNECTOR_HTTP_PROXY_HOST: '127.0.0.1',
        CONNECTOR_HTTP_PROXY_PORT: String((proxy.address() as AddressInfo).port),
        CONNECTOR_HTTP_PROXY_USER: 'quarry',
        CONNECTOR_HTTP_PROXY_PASSWORD: 'hunter2',
      }),
    )
    // A public address, which nothing but the proxy is asked for.
    const url = 'http://203.0.114.1/a.txt'
    const model = `proxied@${type}`
    const newDocuments = [{ 'camunda.document.type': 'external', url, name: 'a.txt' }]
    expect(await run(type, 'a', { model, newDocuments })).toHaveProperty('answer')
    const [call] = await callsOf(model)
    expect(JSON.parse(call?.body ?? '').messages[0].content[0].document.source).toEqual({ bytes: 'RE9D' })
    expect(asked).toEqual([['GET', url, `Basic ${Buffer.from('quarry:hunter2').toString('base64')}`]])
    proxy.closeAllConnections()
    proxy.close()
  })

  it('as SaaS, jobs may not use the credentials of the worker', async () => {
    const type = await start(environment({ CAMUNDA_CONNECTOR_RUNTIME_SAAS: 'true' }))
    const key = addJob(type, 'a')
    await vi.waitUntil(() => gateway.job(key).state === 'failed', WITHIN)
    expect(gateway.job(key)).toMatchObject({ retries: 0, errorMessage: expect.stringContaining('SaaS') })
  })

  it('readiness names what is missing', async () => {
    const env = environment({ CAMUNDA_CUSTOM_CERT_CHAIN_PATH: '', CAMUNDA_CUSTOM_PRIVATE_KEY_PATH: '' })
    await start(env)
    const detail = async () => {
      const answer = await fetch(`${quarry?.url}/health/ready`)
      return `${answer.status} ${await answer.text()}`
    }
    await vi.waitUntil(async () => /zeebe at grpcs/.test(await detail()), WITHIN)
    expect(await detail()).toMatch(/^503 .*client certificate.*CAMUNDA_CUSTOM_CERT_CHAIN_PATH/s)
  })
})
