// The Grafana dashboard is up to date, in the form that Grafana's provisioning and sidecar take, and asks for metrics that
// there are; so do the alerts and the scaling.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { dashboard } from '../../k8s/dashboard/dashboard.ts'
import { familyOf, metricsIn } from './promql.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

const written = JSON.parse(read('k8s/components/monitoring/quarry-dashboard.json'))
const panels = written.panels as readonly PanelJson[]
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

it('the generated Grafana dashboard is up to date with its source', () => {
  expect(written, 'run `npm run monitoring`').toEqual(JSON.parse(JSON.stringify(dashboard())))
})

it('the Grafana dashboard has a fixed uid, no id, and its data source by a variable', () => {
  expect(written).toMatchObject({ uid: 'quarry', title: 'Quarry' })
  expect(written).not.toHaveProperty('id')
  const charts = panels.filter(({ type }) => type !== 'row')
  expect(new Set(charts.map(({ datasource }) => datasource?.uid))).toEqual(new Set([`\${DS_PROMETHEUS}`]))
  expect(charts.filter(({ description = '' }) => description === '')).toEqual([])
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  for (const expr of queries) expect(expr).not.toMatch(/(rate|increase)\([^[]*\[(?!\$__rate_interval\])/)
})

it('no query sums the shared metrics of ops: two pods serve them during a handover', () => {
  const gauges = 'quarry_(?:lane_(?!open)|backlog|capacity|leases_held|workers|redis|wanted|region)|bullmq_'
  const added = new RegExp(`sum(?: by \\([^)]*\\))? ?\\((?:\\w+\\()?(?:${gauges})`)
  expect('sum by (lane) (quarry_lane_jobs{})').toMatch(added)
  expect(queries.filter((expr) => added.test(expr))).toEqual([])
})

it('no two panels of the Grafana dashboard overlap', () => {
  for (const { id, gridPos: one } of panels) {
    expect(one.x + one.w).toBeLessThanOrEqual(24)
    for (const { id: otherId, gridPos: other } of panels) {
      const apart =
        one.x + one.w <= other.x ||
        other.x + other.w <= one.x ||
        one.y + one.h <= other.y ||
        other.y + other.h <= one.y
      expect([id, otherId, id === otherId || apart]).toEqual([id, otherId, true])
    }
  }
})

it('every metric of the dashboard, the alerts and the scaling is in docs/metrics.md', () => {
  const known = new Set(
    [...read('docs/metrics.md').matchAll(/`([a-z0-9_]+)(?:\{[^`]*\})?`/g)].map(([, name = '']) => name),
  )
  const scaled = parse(read('k8s/components/keda/scaled-object.yaml')) as {
    spec: { triggers: readonly { metadata: { valueLocation: string } }[] }
  }
  const regions = ['us-east-1', 'eu-central-1'].map((region) =>
    read(`k8s/overlays/production/regions/${region}/kustomization.yaml`),
  )
  const { groups } = parse(read('k8s/components/monitoring/quarry-alerts.yaml')) as {
    groups: readonly { rules: readonly { expr: string }[] }[]
  }
  const asked = [
    ...queries,
    ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...scaled.spec.triggers.map(({ metadata }) => metadata.valueLocation),
    ...regions.flatMap((text) => text.match(/valueLocation, value: .*/) ?? []),
    read('k8s/components/hpa/autoscaler.yaml'),
  ].flatMap(metricsIn)
  expect(asked.length).toBeGreaterThan(100)
  expect([...new Set(asked.filter((metric) => !known.has(familyOf(metric, known))))]).toEqual([])
})
