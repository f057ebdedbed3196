// The image works in the place of `connectors.image` of Camunda's Helm charts, with the values that docs/kubernetes.md has.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { startHttpServer } from '../../src/telemetry/http-server.ts'
import { ENVIRONMENT, PATHS, PORT, PROBE_TIMEOUT_SECONDS, TERMINATION_SECONDS } from './camunda-chart.ts'
import { exampleSecrets } from './manifests.ts'

interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
}

const page = readFileSync(new URL('../../docs/kubernetes.md', import.meta.url), 'utf8')
const [, block = ''] = /<!-- chart values[^>]*-->\n\n```yaml\n([\s\S]*?)```/.exec(page) ?? []
const { connectors } = parse(block) as { connectors: { env: readonly Variable[] } }

/** The environment as Kubernetes makes it: the chart's own variables first, `$(NAME)` replaced by those before it. */
function environment(variables: readonly Variable[]): Record<string, string> {
  const made: Record<string, string> = { ...ENVIRONMENT }
  for (const { name, value, valueFrom } of variables) {
    const { name: secret, key = '' } = valueFrom?.secretKeyRef ?? {}
    const found = exampleSecrets().find(({ metadata }) => metadata.name === secret)?.stringData?.[key]
    const text = value ?? found
    if (text === undefined) throw new Error(`${name} has no value`)
    made[name] = text.replaceAll(/\$\((\w+)\)/g, (whole, other: string) => made[other] ?? whole)
  }
  return made
}

it('Quarry accepts the page’s values together with what Camunda’s charts set themselves', () => {
  const { settings, warnings } = loadSettings({ env: environment(connectors.env) })
  expect(warnings).toEqual([])
  expect(settings.server).toMatchObject({ host: '0.0.0.0', port: PORT })
  expect(settings.roles).toEqual(['adapter', 'bedrock', 'ops'])
  expect(settings.zeebe.auth).toMatchObject({
    strategy: 'OAUTH',
    clientSecret: ENVIRONMENT.VALUES_CAMUNDA_IDENTITY_CLIENT_SECRET,
  })
  expect(settings.zeebe.restAddress).toBe('http://RELEASE-zeebe-gateway:8080')
})

it('basic authentication for Camunda’s chart works as the page describes', () => {
  const other = connectors.env.filter(({ name }) => !name.startsWith('CAMUNDA_CLIENT_AUTH_'))
  const basic = [
    { name: 'CAMUNDA_CLIENT_AUTH_METHOD', value: 'basic' },
    { name: 'CAMUNDA_CLIENT_AUTH_USERNAME', value: 'connectors' },
    { name: 'CAMUNDA_CLIENT_AUTH_PASSWORD', value: 'one-of-the-chart' },
  ]
  const { settings, warnings } = loadSettings({ env: environment([...other, ...basic]) })
  expect(warnings).toEqual([])
  expect(settings.zeebe.auth).toMatchObject({ strategy: 'BASIC', username: 'connectors' })
})

it('a process ends within the grace period of Camunda’s charts', () => {
  const { settings } = loadSettings({ env: environment(connectors.env) })
  expect(settings.shutdownGraceMs).toBeLessThan(TERMINATION_SECONDS * 1_000)
})

it.each(Object.entries(PATHS))('the path of the chart’s %s answers in time', async (_, path) => {
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, ready: () => true, checks: () => ({}), about: () => ({}) },
    metrics: async () => '# nothing\n',
  })
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_SECONDS * 1_000)
  expect((await fetch(`${server.url}${path}`, { signal })).status).toBe(200)
  await server.close()
})
