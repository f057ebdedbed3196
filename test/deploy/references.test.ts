// What refers to something by name finds it: selectors, autoscalers, arguments of commands, and the pages on them.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { build, deploymentsOf, FOLDERS, type Manifest, WITHOUT_KUSTOMIZE } from './manifests.ts'
import { runTool } from './tools/run-tool.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')

interface Selecting {
  readonly spec: {
    readonly selector?: Readonly<Record<string, string>> & {
      readonly matchLabels?: Readonly<Record<string, string>>
    }
    readonly scaleTargetRef?: { readonly name: string }
    readonly triggers?: readonly { readonly metadata: { readonly url: string } }[]
  }
}

const ofKind = (manifests: readonly Manifest[], ...kinds: string[]) =>
  manifests.filter((manifest): manifest is Manifest & Selecting => kinds.includes(manifest.kind))

describe.skipIf(WITHOUT_KUSTOMIZE).each([...FOLDERS, 'test/deploy/overlay-of-components'])('%s', (folder) => {
  it('has no selector that selects nothing', async () => {
    const { manifests } = await build(folder)
    const pods = deploymentsOf(manifests).map(({ spec }) => spec.template.metadata.labels)
    const selecting = ofKind(manifests, 'Deployment', 'Service', 'PodDisruptionBudget', 'PodMonitor')
    expect(selecting.length).toBeGreaterThan(6)
    for (const { kind, metadata, spec } of selecting) {
      const labels = Object.entries(spec.selector?.matchLabels ?? spec.selector ?? {})
      const found = pods.filter((pod) => labels.every(([name, value]) => pod[name] === value))
      expect([kind, metadata.name, labels.length > 0 && found.length > 0]).toEqual([
        kind,
        metadata.name,
        true,
      ])
    }
  })

  it('scales existing Deployments without fixed replicas, by a metric of ops', async () => {
    const { manifests } = await build(folder)
    const service = ofKind(manifests, 'Service').find(({ metadata }) => metadata.name === 'quarry-ops')
    for (const { spec } of ofKind(manifests, 'ScaledObject', 'HorizontalPodAutoscaler')) {
      const target = deploymentsOf(manifests).find(
        ({ metadata }) => metadata.name === spec.scaleTargetRef?.name,
      )
      expect(target?.metadata.name).toMatch(/^quarry-bedrock/)
      expect(target?.spec.replicas).toBeUndefined()
      for (const { metadata } of spec.triggers ?? []) {
        expect(metadata.url).toBe(`http://quarry-ops.${service?.metadata.namespace}.svc:9400/metrics`)
      }
    }
  })
})

it.skipIf(WITHOUT_KUSTOMIZE)('the stand-in is started with flags that exist', async () => {
  const { manifests } = await build('k8s/overlays/development')
  const standIn = deploymentsOf(manifests).find(({ metadata }) => metadata.name === 'quarry-stand-in')
  const args = standIn?.spec.template.spec.containers[0]?.args ?? []
  const { code, stderr } = await runTool(process.execPath, ['bin/quarry.js', ...args, '--help'], {
    cwd: ROOT,
  })
  expect([args[0], code, stderr]).toEqual(['sim', 0, ''])
})

describe.each(['docs/kubernetes.md', 'docs/alerts.md'])('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')

  /** What stands where `cp -r` put it is what it was made of. */
  const original = (path: string) =>
    [...text.matchAll(/^ *cp -r (\S+) (\S+)$/gm)].reduce(
      (found, [, from = '', to = '']) => found.replace(to, from),
      path,
    )

  it.skipIf(WITHOUT_KUSTOMIZE)('names only folders that Kustomize builds', async () => {
    for (const [, folder = ''] of text.matchAll(/kubectl (?:apply -k|kustomize) (\S+)/g)) {
      expect((await build(original(folder))).manifests.length).toBeGreaterThan(10)
    }
  })

  it('names only files that exist', () => {
    for (const [, file = ''] of text.matchAll(/(?:kubectl .*apply .*-f|cp) (k8s\S+)/g)) {
      expect([file, existsSync(join(ROOT, original(file)))]).toEqual([file, true])
    }
  })
})
