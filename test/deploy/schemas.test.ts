// The overlays are what Kubernetes, KEDA and the Prometheus operator take, and what kube-score has nothing against.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { PRODUCTION, renderChart, WITHOUT_HELM } from './chart.ts'
import { build, FOLDERS, type Manifest, WITHOUT_KUSTOMIZE } from './manifests.ts'
import { goModuleFiles, goProgram } from './tools/go.ts'
import { kubernetesValidate } from './tools/kubernetes-validate.ts'
import { runTool } from './tools/run-tool.ts'

const KUBE_SCORE = 'github.com/zegl/kube-score/cmd/kube-score@v1.20.0'
const KEDA = ['github.com/kedacore/keda/v2@v2.20.2', 'config/crd/bases'] as const
const OPERATOR = [
  'github.com/prometheus-operator/prometheus-operator@v0.85.0',
  'example/prometheus-operator-crd',
] as const

/** The chart with its own values, and as in production. */
const CHARTS: Readonly<Record<string, readonly string[]>> =
  WITHOUT_HELM === null ? { chart: [], 'chart-production': ['--values', PRODUCTION] } : {}

/** The folders, one with the components that no overlay takes, and the chart. */
const ALL = [...FOLDERS, 'test/deploy/overlay-of-components', ...Object.keys(CHARTS)]

async function manifestsOf(which: string): Promise<readonly Manifest[]> {
  const flags = CHARTS[which]
  return flags === undefined ? (await build(which)).manifests : renderChart(flags)
}
const CUSTOM = /^(keda\.sh|monitoring\.coreos\.com)\//

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-manifests-'))
})
afterAll(() => rm(folder ?? '', { recursive: true, force: true }))

async function writeOwn(which: string): Promise<string> {
  const manifests = await manifestsOf(which)
  const file = join(folder, `${which.replaceAll('/', '-')}.yaml`)
  const own = manifests.filter(({ apiVersion }) => !CUSTOM.test(apiVersion))
  await writeFile(file, own.map((manifest) => stringify(manifest)).join('---\n'))
  return file
}

it.skipIf(WITHOUT_KUSTOMIZE)('the objects of every overlay match Kubernetes’ schemas', async (context) => {
  const tool = await kubernetesValidate()
  if ('missing' in tool) return context.skip(tool.missing)
  const files = await Promise.all(ALL.map(writeOwn))
  const { code, stdout, stderr } = await runTool(tool.command, ['--strict', ...files], { env: tool.env })
  expect([code, stdout, stderr]).toEqual([0, expect.any(String), expect.any(String)])
})

describe.skipIf(WITHOUT_KUSTOMIZE)('a custom resource', () => {
  it('matches the schema of its definition', async (context) => {
    const sources = await Promise.all([goModuleFiles(...KEDA), goModuleFiles(...OPERATOR)])
    const [keda, operator] = sources
    if (keda === undefined || 'missing' in keda) return context.skip(keda?.missing)
    if (operator === undefined || 'missing' in operator) return context.skip(operator?.missing)
    const definitions: Readonly<Record<string, string>> = {
      ScaledObject: join(keda.folder, 'keda.sh_scaledobjects.yaml'),
      PodMonitor: join(operator.folder, 'monitoring.coreos.com_podmonitors.yaml'),
      PrometheusRule: join(operator.folder, 'monitoring.coreos.com_prometheusrules.yaml'),
    }
    const validators = new Map<string, ValidateFunction>()
    for (const [kind, file] of Object.entries(definitions)) validators.set(kind, await validatorOf(file))
    const seen = new Set<string>()
    for (const which of ALL) {
      for (const manifest of await customOf(which)) {
        const validate = validators.get(manifest.kind)
        validate?.(manifest)
        expect([manifest.kind, validate?.errors]).toEqual([manifest.kind, null])
        seen.add(manifest.kind)
      }
    }
    expect(seen).toEqual(new Set(Object.keys(definitions)))
  })
})

async function customOf(which: string): Promise<Manifest[]> {
  const manifests = await manifestsOf(which)
  return manifests.filter(({ apiVersion }) => CUSTOM.test(apiVersion))
}

interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: object } }[] }
}

async function validatorOf(file: string): Promise<ValidateFunction> {
  const definition = parse(await readFile(file, 'utf8')) as Definition
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema ?? {}
  // Kubernetes' own formats and keywords say nothing here.
  const options = { strict: false, validateFormats: false, allErrors: true, code: { regExp } }
  return new Ajv(options).compile(closed(schema))
}

/** Go writes "in any case" into its patterns. */
function regExp(pattern: string, flags: string): RegExp {
  return new RegExp(pattern.replace('(?i)', ''), pattern.includes('(?i)') ? `${flags}i` : flags)
}
regExp.code = 'regExp'

/** Kubernetes drops fields that a definition does not name; here they are mistakes. */
function closed(schema: object): object {
  const entries = Object.entries(schema).map(([key, value]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [key, value]
    if (key === 'properties') {
      return [
        key,
        Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closed(one as object)])),
      ]
    }
    return [key, closed(value)]
  })
  const result = Object.fromEntries(entries)
  // The API machinery knows what is in `metadata` and does not write it into definitions.
  const open = result.properties === undefined || 'x-kubernetes-preserve-unknown-fields' in result
  return open ? result : { additionalProperties: false, ...result }
}

it.skipIf(WITHOUT_KUSTOMIZE)('kube-score finds nothing but the listed exceptions', async (context) => {
  const tool = await goProgram(KUBE_SCORE)
  if ('missing' in tool) return context.skip(tool.missing)
  const found: string[] = []
  for (const which of ['k8s/overlays/development', 'k8s/overlays/production', ...Object.keys(CHARTS)]) {
    const { stdout } = await runTool(tool.path, [
      'score',
      '--output-format',
      'ci',
      ...LEFT_OUT,
      await writeOwn(which),
    ])
    expect(stdout).toContain('[OK] quarry-adapter')
    found.push(...stdout.split('\n').filter((line) => /^\[(WARNING|CRITICAL)\]/.test(line)))
  }
  expect([...new Set(found)].sort()).toEqual(MEANT)
})

const LEFT_OUT = [
  // A limit of CPU makes the kernel hold back a process that has work to do: leases and pace would come late.
  '--ignore-container-cpu-limit',
  // topologySpreadConstraints spread over zones and nodes; they are looser and say more.
  '--ignore-test=deployment-has-host-podantiaffinity',
]

const deployment = (name: string, what: string) => `[WARNING] ${name} apps/v1/Deployment: Deployment ${what}`

/** Ops is a reader, a second one would only be scraped twice; in development all that is not Quarry is there once. */
const MEANT = [
  // Of the chart, whose release names the namespace.
  ...(WITHOUT_HELM === null ? [deployment('quarry-ops', 'few replicas')] : []),
  deployment('quarry-ops/quarry', 'few replicas'),
  deployment('quarry-ops/quarry-development', 'few replicas'),
  deployment('quarry-redis/quarry-development', 'few replicas'),
  deployment('quarry-redis/quarry-development', 'update strategy'),
  deployment('quarry-stand-in/quarry-development', 'few replicas'),
  deployment('quarry-stand-in/quarry-development', 'update strategy'),
]
