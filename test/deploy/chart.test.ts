// The Helm chart deploys what the overlay for production does; schemas.test.ts checks it against the schemas of Kubernetes.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CHART, PRODUCTION, renderChart, runHelm, WITHOUT_HELM } from './chart.ts'
import { build, type Deployment, deploymentsOf, type Manifest, WITHOUT_KUSTOMIZE } from './manifests.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

it('has the alert rules and the Grafana dashboard of Kustomize', () => {
  for (const file of ['quarry-alerts.yaml', 'quarry-dashboard.json'])
    expect(read(`${CHART}/files/${file}`), 'run `npm run monitoring`').toBe(
      read(`k8s/components/monitoring/${file}`),
    )
})

it('has the version of the package', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  expect(read(`${CHART}/Chart.yaml`)).toContain(`\nversion: ${version}\nappVersion: ${version}\n`)
})

describe.skipIf(WITHOUT_HELM !== null)('the chart', () => {
  it.each([[[]], [['--values', PRODUCTION]]])('passes helm lint --strict with %j', async (flags) => {
    const { code, stdout } = await runHelm(['lint', '--strict', CHART, '--kube-version', '1.32.0', ...flags])
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')])
  })

  it.skipIf(WITHOUT_KUSTOMIZE)('runs the same pods as the overlay for production', async () => {
    const chart = deploymentsOf(await renderChart(['--values', PRODUCTION]))
    const overlay = deploymentsOf((await build('k8s/overlays/production')).manifests)
    const names = (all: readonly Deployment[]) => all.map(({ metadata }) => metadata.name).sort()
    expect(names(chart)).toEqual(names(overlay))
    for (const one of overlay) {
      const other = chart.find(({ metadata }) => metadata.name === one.metadata.name)
      expect(podOf(other), one.metadata.name).toEqual(podOf(one))
    }
  })

  it.skipIf(WITHOUT_KUSTOMIZE)(
    'has the objects of the overlay for production, but for its namespace',
    async () => {
      const kinds = (all: readonly Manifest[]) =>
        all.map(({ kind }) => kind).filter((kind) => kind !== 'Namespace' && kind !== 'NetworkPolicy')
      const chart = await renderChart(['--values', PRODUCTION])
      const { manifests } = await build('k8s/overlays/production')
      expect(kinds(chart).sort()).toEqual(kinds(manifests).sort())
      const account = chart.find(
        ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === 'quarry-bedrock',
      )
      expect(account?.metadata).toMatchObject({
        annotations: { 'eks.amazonaws.com/role-arn': expect.stringContaining('role/') },
      })
    },
  )

  it('names all after a release of another name, and scales each pool by its region', async () => {
    const all = await renderChart(['--values', PRODUCTION], 'models')
    for (const { metadata } of all) expect(metadata.name).toMatch(/^models-quarry/)
    const scaled = all.filter(({ kind }) => kind === 'ScaledObject')
    expect(JSON.stringify(scaled)).toContain('quarry_region_wanted_slots{region=\\"us-east-1\\"}')
    expect(JSON.stringify(scaled)).toContain('http://models-quarry-ops.quarry.svc:9400/metrics')
  })

  it.each([
    ['settings.REDIS_URL=rediss://a', /invalid propertyName 'REDIS_URL'/],
    ['settings.CAMUNDA_CLIENT_SECRET=a', /invalid propertyName 'CAMUNDA_CLIENT_SECRET'/],
    ['bedrock.pools[0].region=nowhere', /region/],
    ['replicas=3', /additional properties 'replicas' not allowed|replicas/],
  ])('refuses %s', async (value, why) => {
    await expect(renderChart(['--set', value])).rejects.toThrow(why)
  })
})

/** What of a pod does not depend on how its objects are named and labelled. */
function podOf(deployment: Deployment | undefined) {
  if (deployment === undefined) return null
  const {
    containers,
    topologySpreadConstraints: _,
    volumes,
    ...spec
  } = deployment.spec.template.spec as Deployment['spec']['template']['spec'] & {
    readonly topologySpreadConstraints?: unknown
  }
  const [container] = containers
  // Kustomize takes the region from a label, and the names of some ConfigMaps end with a hash.
  const env = container?.env?.filter(({ name }) => name !== 'QUARRY_REGIONS')
  return {
    ...spec,
    volumes,
    replicas: deployment.spec.replicas,
    container: { ...container, env, envFrom: null },
  }
}
