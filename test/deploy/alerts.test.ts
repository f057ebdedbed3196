// Alert rules are well formed, fire when they must and only then, and lead to a page that says what to do.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { prometheusRule } from '../../k8s/dashboard/prometheus-rule.ts'
import { type PrometheusPrograms, prometheusPrograms } from './tools/prometheus.ts'
import { runTool } from './tools/run-tool.ts'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '..', '..')
const MONITORING = join(ROOT, 'k8s', 'components', 'monitoring')
const RULES = join(MONITORING, 'quarry-alerts.yaml')
const TESTS = join(import.meta.dirname, 'alerts')

const text = readFileSync(RULES, 'utf8')
const { groups } = parse(text) as { groups: readonly { rules: readonly Alert[] }[] }
const alerts = groups.flatMap(({ rules }) => rules)

let programs: PrometheusPrograms | { readonly missing: string }
beforeAll(async () => {
  programs = await prometheusPrograms()
})

it('promtool accepts the alert rules', async (context) => {
  if ('missing' in programs) return context.skip(programs.missing)
  const { code, stdout, stderr } = await runTool(programs.promtool, ['check', 'rules', RULES])
  expect([code, stdout + stderr]).toEqual([
    0,
    expect.stringContaining(`SUCCESS: ${alerts.length} rules found`),
  ])
})

it('each alert fires when it must, and only then', async (context) => {
  if ('missing' in programs) return context.skip(programs.missing)
  const files = readdirSync(TESTS)
  const { code, stdout, stderr } = await runTool(programs.promtool, ['test', 'rules', ...files], {
    cwd: TESTS,
  })
  expect([code, stdout + stderr]).toEqual([0, expect.any(String)])
})

interface Cases {
  readonly tests: readonly {
    promql_expr_test: readonly { expr: string; exp_samples: readonly unknown[] }[]
  }[]
}

const cases = readdirSync(TESTS)
  .map((file) => parse(readFileSync(join(TESTS, file), 'utf8')) as Cases)
  .flatMap(({ tests }) => tests.flatMap((one) => one.promql_expr_test))
const page = readFileSync(join(ROOT, 'docs', 'alerts.md'), 'utf8')
const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)

describe.each(alerts)('$alert', ({ alert, labels, annotations }) => {
  it('has a case in which it fires and another in which it does not', () => {
    const own = cases.filter(({ expr }) => expr.includes(`"${alert}"`))
    expect(own.some(({ exp_samples }) => exp_samples.length > 0)).toBe(true)
    expect(own.some(({ exp_samples }) => exp_samples.length === 0)).toBe(true)
  })

  it('has a severity, a description, and a link to its runbook', () => {
    expect(['critical', 'warning', 'info']).toContain(labels['severity'])
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url'])
    expect(annotations['runbook_url']).toMatch(new RegExp(`/docs/alerts\\.md#${alert.toLowerCase()}$`))
    expect(sections).toContain(alert)
  })
})

it('the page of alerts has no section without an alert', () => {
  expect(sections).toEqual(alerts.map(({ alert }) => alert))
})

it('the PrometheusRule of k8s has the same rules', () => {
  const written = readFileSync(join(MONITORING, 'prometheus-rule.yaml'), 'utf8')
  expect(written, 'run `npm run monitoring`').toBe(prometheusRule(text))
  expect((parse(written) as { spec: unknown }).spec).toEqual(parse(text))
})
