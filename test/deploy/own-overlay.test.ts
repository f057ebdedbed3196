// An overlay of one's own, as docs/kubernetes.md makes it: a copy of production with the patches and the settings that stand
// on the page, for a Camunda of SaaS.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadSettings } from '../../src/settings/load-settings.ts'
import {
  build,
  componentOf,
  deploymentsOf,
  environmentOf,
  filledIn,
  type Manifest,
  rolesOf,
  WITHOUT_KUSTOMIZE,
} from './manifests.ts'

interface Kustomization {
  readonly patches: readonly unknown[]
  readonly configMapGenerator: readonly { readonly name: string; readonly literals?: readonly string[] }[]
}

const ROOT = new URL('../..', import.meta.url)
const RULES = 'quotas: [{ requestsPerMinute: 60 }]\n'
function secret(name: string, stringData: Readonly<Record<string, string>>): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
}

let folder: string
let manifests: readonly Manifest[] = []

beforeAll(async () => {
  if (WITHOUT_KUSTOMIZE) return
  folder = await mkdtemp(join(tmpdir(), 'quarry-overlay-'))
  await cp(new URL('k8s', ROOT), join(folder, 'k8s'), { recursive: true })
  const page = await readFile(new URL('docs/kubernetes.md', ROOT), 'utf8')
  const [, from = '', to = ''] = /^ *cp -r (\S+) (\S+)$/m.exec(page) ?? []
  const ours = join(folder, to)
  await cp(join(folder, from), ours, { recursive: true })
  const file = join(ours, 'kustomization.yaml')
  const copied = parse(await readFile(file, 'utf8')) as Kustomization
  const [, rules = ''] = /`(- \{ name: quarry-lanes[^`]*)`/.exec(page) ?? []
  const addresses = [...page.matchAll(/`(ZEEBE_\w+_ADDRESS=)`/g)].map(([, literal = '']) => literal)
  const changed = {
    ...copied,
    patches: [...copied.patches, ...block<Kustomization>(page, 'patches').patches],
    configMapGenerator: [
      ...copied.configMapGenerator.map((one) => ({ ...one, literals: addresses })),
      ...(parse(rules) as Kustomization['configMapGenerator']),
    ],
  }
  await writeFile(file, stringify(changed))
  await writeFile(join(ours, 'lanes.yaml'), RULES)
  const { stringData } = block<{ readonly stringData: Record<string, string> }>(page, 'Secret of SaaS')
  const clients = ['quarry-camunda', 'quarry-camunda-worker'].map((name) => secret(name, stringData))
  manifests = [...clients, ...(await build(ours)).manifests]
})
afterAll(() => rm(folder ?? '', { recursive: true, force: true }))

function block<T>(page: string, name: string): T {
  const [, text = ''] =
    new RegExp(`<!-- ${name}: a test reads this -->\\n\\n\`\`\`yaml\\n([\\s\\S]*?)\`\`\``).exec(page) ?? []
  return parse(filledIn(text)) as T
}

function settingsOf(role: string) {
  const [deployment] = rolesOf(manifests).filter((one) => componentOf(one) === role)
  if (deployment === undefined) throw new Error(`no Deployment of ${role}`)
  const env = environmentOf(deployment, manifests)
  return { env, ...loadSettings({ env }) }
}

describe.skipIf(WITHOUT_KUSTOMIZE)('a user’s own overlay', () => {
  it.each(['adapter', 'bedrock'])('connects %s to the SaaS cluster', (role) => {
    const { settings, warnings } = settingsOf(role)
    expect(warnings).toEqual([])
    const { mode, grpcAddress, restAddress, auth } = settings.zeebe
    expect(mode).toBe('saas')
    expect(grpcAddress).toMatch(/^grpcs:\/\/.*\.bru-2\.zeebe\.camunda\.io:443$/)
    expect(restAddress).toMatch(/^https:\/\/bru-2\.zeebe\.camunda\.io/)
    expect(auth).toMatchObject({ strategy: 'OAUTH', clientId: 'quarry', audience: 'zeebe.camunda.io' })
    expect(auth.oauthUrl).toBe('https://login.cloud.camunda.io/oauth/token')
  })

  it('starts ops without a Camunda client', () => {
    const { settings, warnings } = settingsOf('ops')
    expect([settings.zeebe.auth.strategy, warnings]).toEqual(['NONE', []])
  })

  it('hands AWS keys to the workers, and connector secrets to workers and adapters, as files', () => {
    const holders = (secretName: string, variable: string) =>
      rolesOf(manifests).flatMap((deployment) => {
        const { containers, volumes = [] } = deployment.spec.template.spec
        const volume = volumes.find(({ secret }) => secret?.secretName === secretName)
        const mount = containers[0]?.volumeMounts?.find(({ name }) => name === volume?.name)
        if (volume === undefined || mount === undefined) return []
        expect(environmentOf(deployment, manifests)[variable]).toMatch(new RegExp(`^${mount.mountPath}(/|$)`))
        return [componentOf(deployment)]
      })
    expect(new Set(holders('aws-keys', 'AWS_SHARED_CREDENTIALS_FILE'))).toEqual(new Set(['bedrock']))
    expect(new Set(holders('connector-secrets', 'QUARRY_SECRETS_DIR'))).toEqual(
      new Set(['adapter', 'bedrock']),
    )
  })

  it('pulls every image with the password of the registry', () => {
    const pods = deploymentsOf(manifests).map(({ spec }) => spec.template.spec)
    expect(pods.length).toBeGreaterThan(3)
    for (const pod of pods) expect(pod).toHaveProperty('imagePullSecrets', [{ name: 'registry' }])
  })

  it('lets all roles reach the trace collector, and sets its address', () => {
    const policy = manifests.find(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'quarry-all',
    )
    const { egress = [] } = (policy?.spec ?? {}) as { egress?: readonly unknown[] }
    expect(egress).toContainEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } }],
      ports: [{ port: 4318, protocol: 'TCP' }],
    })
  })

  it('has its own lane rules, in a ConfigMap with a fixed name', () => {
    const lanes = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'quarry-lanes',
    )
    expect(lanes?.data).toEqual({ 'lanes.yaml': RULES })
  })
})
