import { describe, expect, test } from 'vitest'
import {
  type EnvironmentSecrets,
  makeEnvironmentProvider,
  makeOwnVariables,
} from '../../src/secrets/environment-provider.ts'
import { listSettings } from '../../src/settings/list-settings.ts'

const SCOPE = { tenantId: 'tenant', bpmnProcessId: 'process' }
const isOwn = makeOwnVariables(listSettings().flatMap(({ facts }) => facts.environment))

function get(name: string, environment: Record<string, string>, options: Partial<EnvironmentSecrets> = {}) {
  const aware = { physicalTenantAware: false, tenantAware: false, processDefinitionAware: false }
  return makeEnvironmentProvider({ environment, prefix: '', isOwn, ...aware, ...options }).get(name, SCOPE)
}

describe('a secret of the environment', () => {
  test('is the variable of its name after the prefix, and no other', async () => {
    const environment = { SECRET_A: 'with', A: 'without' }
    expect(await get('A', environment, { prefix: 'SECRET_' })).toBe('with')
    expect(await get('A', environment)).toBe('without')
    expect(await get('B', environment)).toBeNull()
    expect(await get('A', { A: 'without' }, { prefix: 'SECRET_' })).toBeNull()
  })

  test('may be empty', async () => {
    expect(await get('A', { A: '' })).toBe('')
  })

  test('is named after physical tenant, tenant and process, in this order and as a whole', async () => {
    const all = { physicalTenantAware: true, tenantAware: true, processDefinitionAware: true }
    expect(await get('A', { P_default_tenant_process_A: 'x' }, { prefix: 'P_', ...all })).toBe('x')
    expect(await get('A', { tenant_A: 'x' }, { tenantAware: true })).toBe('x')
    expect(await get('A', { process_A: 'x' }, { processDefinitionAware: true })).toBe('x')
    expect(await get('A', { A: 'x' }, { tenantAware: true })).toBeNull()
  })

  test.each([
    ['my.secret', 'my_secret'],
    ['my-secret', 'my_secret'],
    ['my.secret-x', 'MY_SECRET_X'],
    ['my-secret', 'MYSECRET'],
    ['mine', 'MINE'],
  ])('%s is found in %s, as Spring finds it', async (name, variable) => {
    expect(await get(name, { [variable]: 'x' })).toBe('x')
    expect(await get(name, { [variable]: 'x', [name]: 'exact' })).toBe('exact')
  })

  test('is not a property that every object inherits', async () => {
    expect(await get('toString', {})).toBeNull()
    expect(await get('__proto__', {})).toBeNull()
  })
})

describe('a variable of Quarry’s own', () => {
  const OWN = [
    'AWS_SECRET_ACCESS_KEY',
    'AWS_ACCESS_KEY_ID',
    'AWS_SESSION_TOKEN',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
    'ZEEBE_CLIENT_SECRET',
    'CAMUNDA_CLIENT_AUTH_CLIENTSECRET',
    'CAMUNDA_OAUTH_TOKEN',
    'QUARRY_PAYLOAD_KEY',
    'QUARRY_ANYTHING',
    'CONNECTOR_HTTPS_PROXY_PASSWORD',
    'REDIS_URL',
    'REDIS_PASSWORD',
    'NODE_OPTIONS',
    'npm_config_token',
    'HTTPS_PROXY',
    'grpc_proxy',
    'no_grpc_proxy',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_BEARER_TOKEN_BEDROCK',
    'LOG_LEVEL',
    ...listSettings().flatMap(({ facts }) => facts.environment),
  ]

  test.each(OWN)('%s is no secret, whatever prefix leads to it', async (variable) => {
    const half = Math.floor(variable.length / 2)
    expect(await get(variable, { [variable]: 'x' })).toBeNull()
    const prefix = variable.slice(0, half)
    expect(await get(variable.slice(half), { [variable]: 'x' }, { prefix })).toBeNull()
    expect(await get(variable.toLowerCase(), { [variable]: 'x' })).toBeNull()
    expect(await get(variable.replaceAll('_', '.'), { [variable]: 'x' })).toBeNull()
  })

  test('does not include names that people give to secrets', async () => {
    for (const name of ['AWS_ACCESS_KEY', 'AWS_SECRET_KEY', 'DATABASE_PASSWORD']) {
      expect(await get(name, { [name]: 'x' })).toBe('x')
    }
    const environment = { SECRET_AWS_SECRET_ACCESS_KEY: 'x' }
    expect(await get('AWS_SECRET_ACCESS_KEY', environment, { prefix: 'SECRET_' })).toBe('x')
  })
})
