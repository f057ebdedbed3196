// What Kustomize makes of a folder, as objects; and what a container finds in its environment.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { kustomize } from './tools/kustomize.ts'
import { runTool } from './tools/run-tool.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

type Labels = Readonly<Record<string, string>>

/** Any object of Kubernetes, as far as these tests look. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels }
  readonly data?: Readonly<Record<string, string>>
  readonly stringData?: Readonly<Record<string, string>>
  readonly spec?: unknown
}

interface Named {
  readonly name: string
}

export interface Probe {
  readonly httpGet?: { readonly path: string }
}

export interface Container {
  readonly name: string
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly envFrom?: readonly { readonly configMapRef?: Named; readonly secretRef?: Named }[]
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } }
  }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
}

export interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas?: number
    readonly template: {
      readonly metadata: { readonly labels: Labels }
      readonly spec: {
        readonly serviceAccountName?: string
        readonly terminationGracePeriodSeconds?: number
        readonly containers: readonly Container[]
        readonly volumes?: readonly {
          readonly name: string
          readonly secret?: { readonly secretName: string }
          readonly projected?: { readonly sources: readonly { readonly secret: Named }[] }
        }[]
      }
    }
  }
}

const command = await kustomize()

/** Whether nothing can be built here, since Kustomize cannot be had; why was said when it was looked for. */
export const WITHOUT_KUSTOMIZE = 'missing' in command

/** The overlays, and base, which must build by itself. */
export const FOLDERS = ['k8s/base', 'k8s/overlays/development', 'k8s/overlays/production']

/**
 * Builds a folder; the text is what `kubectl apply -k` would send.
 * @throws Error with what Kustomize said.
 */
export async function build(folder: string): Promise<{ text: string; manifests: readonly Manifest[] }> {
  if ('missing' in command) throw new Error(command.missing)
  const [program = '', ...args] = command
  const { code, stdout, stderr } = await runTool(program, [...args, folder], { cwd: ROOT })
  if (code !== 0 || stderr !== '') throw new Error(`Kustomize says of ${folder}: ${stderr}`)
  return { text: stdout, manifests: readManifests(stdout) }
}

export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest)
}

/** The Secrets of `k8s/secrets.example.yaml`, filled in as the page says. */
export function exampleSecrets(): Manifest[] {
  return readManifests(filledIn(EXAMPLE))
}

/** As it is in the repository. */
export const EXAMPLE = readFileSync(new URL('../../k8s/secrets.example.yaml', import.meta.url), 'utf8')
const FILLED_KEY = randomBytes(32).toString('base64')

/** A text with a value in place of each REPLACE. */
export function filledIn(text: string): string {
  return text.replace(/(PAYLOAD_KEY: )REPLACE/, `$1${FILLED_KEY}`).replaceAll('REPLACE', 'one-of-my-own')
}

export function deploymentsOf(manifests: readonly Manifest[]): Deployment[] {
  return manifests.filter((manifest): manifest is Deployment => manifest.kind === 'Deployment')
}

export function componentOf(deployment: Deployment): string {
  return deployment.spec.template.metadata.labels['app.kubernetes.io/component'] ?? ''
}

/** The Deployments of Quarry's own roles. */
export function rolesOf(manifests: readonly Manifest[]): Deployment[] {
  return deploymentsOf(manifests).filter((one) => ['adapter', 'bedrock', 'ops'].includes(componentOf(one)))
}

/**
 * What the first container finds in the directory that QUARRY_ENV_DIR names: the keys of Secrets.
 * @throws Error when nothing is mounted there, or nobody makes a Secret.
 */
export function secretFilesOf(
  { spec: { template } }: Deployment,
  manifests: readonly Manifest[],
): Record<string, string> {
  const [container] = template.spec.containers
  const directory = container?.env?.find(({ name }) => name === 'QUARRY_ENV_DIR')?.value
  const mount = container?.volumeMounts?.find(({ mountPath }) => mountPath === directory)
  const volume = template.spec.volumes?.find(({ name }) => name === mount?.name)
  if (volume?.projected === undefined) throw new Error(`No Secrets are mounted at ${directory}`)
  const all = [...manifests, ...exampleSecrets()]
  const files = volume.projected.sources.map(({ secret }) => dataOf(all, 'Secret', secret.name))
  return Object.assign({}, ...files) as Record<string, string>
}

/**
 * The environment of a pod's first container, with the files that stand for variables.
 * @param manifests - what it is deployed with; Secrets that are not among them come from the examples.
 * @throws Error when it refers to what nobody makes.
 */
export function environmentOf(
  deployment: Deployment,
  manifests: readonly Manifest[],
): Record<string, string> {
  const { metadata, spec } = deployment.spec.template
  const [container] = spec.containers
  const all = [...manifests, ...exampleSecrets()]
  const environment = secretFilesOf(deployment, manifests)
  for (const { configMapRef, secretRef } of container?.envFrom ?? []) {
    const [kind, name] = configMapRef ? ['ConfigMap', configMapRef.name] : ['Secret', secretRef?.name ?? '']
    Object.assign(environment, dataOf(all, kind, name))
  }
  for (const { name, value, valueFrom } of container?.env ?? []) {
    const label = /^metadata\.labels\['(.+)'\]$/.exec(valueFrom?.fieldRef?.fieldPath ?? '')?.[1]
    if (value === undefined && label === undefined)
      throw new Error(`${name}: no value that this test can read`)
    environment[name] = value ?? metadata.labels[label ?? ''] ?? ''
  }
  return environment
}

function dataOf(manifests: readonly Manifest[], kind: string, name: string): Record<string, string> {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name)
  if (found === undefined) throw new Error(`Nobody makes the ${kind} ${name}`)
  if (kind === 'ConfigMap') return { ...found.data }
  const decoded = Object.entries(found.data ?? {}).map(([key, value]) => [key, atob(value)])
  return { ...Object.fromEntries(decoded), ...found.stringData }
}
