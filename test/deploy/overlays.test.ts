// What the overlays say fits Quarry: the settings take every container's environment, the pods get the time that they
// need to end, the probes ask for paths that there are, and each role holds what it needs and no more.
import ipaddr from 'ipaddr.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { startHttpServer } from '../../src/telemetry/http-server.ts'
import {
  build,
  componentOf,
  type Deployment,
  deploymentsOf,
  environmentOf,
  FOLDERS,
  type Manifest,
  type Probe,
  rolesOf,
  secretFilesOf,
  WITHOUT_KUSTOMIZE,
} from './manifests.ts'

/** What a pod needs besides its grace period: to take nothing new, and to let go of Redis and the server. */
const BESIDES_GRACE_MS = 10_000

const built = new Map<string, readonly Manifest[]>()
beforeAll(async () => {
  if (WITHOUT_KUSTOMIZE) return
  for (const folder of FOLDERS) built.set(folder, (await build(folder)).manifests)
})

/** All of them from the environment, so that any other command in the pod, such as `quarry doctor`, has the same. */
function settingsOf(deployment: Deployment, manifests: readonly Manifest[]) {
  expect(deployment.spec.template.spec.containers[0]?.args).toEqual(['start'])
  return loadSettings({ env: environmentOf(deployment, manifests) })
}

function rolesIn(
  folder: string,
): { deployment: Deployment; settings: Settings; warnings: readonly string[] }[] {
  const manifests = built.get(folder) ?? []
  return rolesOf(manifests).map((deployment) => ({ deployment, ...settingsOf(deployment, manifests) }))
}

describe.skipIf(WITHOUT_KUSTOMIZE).each(FOLDERS)('%s', (folder) => {
  it('starts each role once, with valid settings', () => {
    const roles = rolesIn(folder)
    expect(new Set(roles.map(({ deployment }) => componentOf(deployment)))).toEqual(
      new Set(['adapter', 'bedrock', 'ops']),
    )
    for (const { deployment, settings, warnings } of roles) {
      expect(warnings).toEqual([])
      expect(settings.roles).toEqual([componentOf(deployment)])
      expect(settings.log.format).toBe('json')
    }
  })

  it('makes workers serve the region in their label', () => {
    for (const { deployment, settings } of rolesIn(folder)) {
      const { labels } = deployment.spec.template.metadata
      const region = labels['quarry/region']
      expect(settings.regions).toEqual(region === undefined ? undefined : [region])
    }
  })

  it('looks up accounts at the endpoint that serves Bedrock', () => {
    for (const { settings } of rolesIn(folder))
      expect(settings.aws.stsEndpoint).toBe(settings.aws.bedrockEndpoint)
  })

  it('listens where the probes, the Service and Prometheus look', () => {
    for (const { deployment, settings } of rolesIn(folder)) {
      expect(settings.server).toMatchObject({ host: '0.0.0.0', port: 9400 })
      const [container] = deployment.spec.template.spec.containers
      expect(container?.ports).toEqual([{ name: 'http', containerPort: 9400, protocol: 'TCP' }])
    }
  })

  it('routes to the dashboard while ops is unready because Redis is away, so that its page can explain why', () => {
    const services = (built.get(folder) ?? []).filter(({ kind }) => kind === 'Service')
    const ops = services.find(({ metadata }) => metadata.name === 'quarry-ops')
    expect(ops).toHaveProperty('spec.publishNotReadyAddresses', true)
  })

  it('gives every pod more time to end than QUARRY_SHUTDOWN_GRACE', () => {
    for (const { deployment, settings } of rolesIn(folder)) {
      const seconds = deployment.spec.template.spec.terminationGracePeriodSeconds ?? 30
      expect(seconds * 1_000).toBeGreaterThanOrEqual(settings.shutdownGraceMs + BESIDES_GRACE_MS)
    }
  })

  it('lets each role reach only what it needs', () => {
    const manifests = built.get(folder) ?? []
    const ports = (role: string) => [...new Set(egressPorts(manifests, role))].sort((a, b) => a - b)
    const standIn = folder.endsWith('development') ? [4580] : []
    // Base alone does not know where Redis and Camunda are.
    const [redis, rest, gateway] = folder.includes('overlays') ? [[6379], [8080], [26_500]] : [[], [], []]
    expect(ports('adapter')).toEqual([53, 443, ...redis, ...rest, ...gateway])
    expect(ports('bedrock')).toEqual([53, 80, 443, ...standIn, ...redis, ...rest].sort((a, b) => a - b))
    expect(ports('ops')).toEqual([53, ...redis])
  })

  it('gives each role only the credentials that it needs', () => {
    const manifests = built.get(folder) ?? []
    const holds = (role: string, variable: RegExp) =>
      rolesOf(manifests)
        .filter((deployment) => componentOf(deployment) === role)
        .some((deployment) =>
          Object.keys(secretFilesOf(deployment, manifests)).some((key) => variable.test(key)),
        )
    expect(holds('ops', /^CAMUNDA_|^QUARRY_PAYLOAD_KEY/)).toBe(false)
    expect(holds('adapter', /^QUARRY_DASHBOARD_/)).toBe(false)
    expect(holds('bedrock', /^QUARRY_DASHBOARD_/)).toBe(false)
    expect(holds('adapter', /^QUARRY_PAYLOAD_KEY$/)).toBe(true)
    expect(holds('bedrock', /^QUARRY_PAYLOAD_KEY$/)).toBe(true)
  })

  it('gives workers a Camunda client of their own, and puts no Secret into an environment', () => {
    const manifests = built.get(folder) ?? []
    const secretsOf = (deployment: Deployment) =>
      (deployment.spec.template.spec.volumes ?? []).flatMap(({ projected }) =>
        (projected?.sources ?? []).map(({ secret }) => secret.name.replace(/-[0-9a-z]{10}$/, '')),
      )
    for (const deployment of rolesOf(manifests)) {
      const clients = secretsOf(deployment).filter((name) => name.startsWith('quarry-camunda'))
      const role = componentOf(deployment)
      const own = { adapter: ['quarry-camunda'], bedrock: ['quarry-camunda-worker'] }[role] ?? []
      expect([role, clients]).toEqual([role, own])
      expect(JSON.stringify(deployment)).not.toMatch(/secretRef|secretKeyRef/)
    }
  })

  it('names the sources and destinations of its network policies, and allows no private addresses', () => {
    const policies = policiesIn(built.get(folder) ?? [])
    const rules = policies.flatMap(({ metadata, spec }) =>
      [...(spec.egress ?? []).map(({ to }) => to), ...(spec.ingress ?? []).map(({ from }) => from)].map(
        (peers) => ({ policy: metadata.name, peers: peers ?? [] }),
      ),
    )
    expect(rules.length).toBeGreaterThan(5)
    for (const { policy, peers } of rules) {
      expect([policy, peers.length > 0]).toEqual([policy, true])
      for (const { ipBlock } of peers) {
        if (ipBlock === undefined || /^(169\.254\.170\.23\/32|fd00:ec2::23\/128)$/.test(ipBlock.cidr))
          continue
        for (const address of PRIVATE)
          expect([ipBlock.cidr, address, reaches(ipBlock, address)]).toContain(false)
      }
    }
  })

  it('admits pods of other namespaces by their labels, not whole namespaces', () => {
    const peers = policiesIn(built.get(folder) ?? []).flatMap(({ spec }) =>
      (spec.ingress ?? []).flatMap(({ from = [] }) => from),
    )
    expect(peers.length).toBeGreaterThan(2)
    for (const { podSelector } of peers)
      expect(Object.keys(podSelector?.matchLabels ?? {}).length).toBeGreaterThan(0)
  })
})

it.skipIf(WITHOUT_KUSTOMIZE)('the probes ask for paths that answer', async () => {
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, ready: () => true, checks: () => ({}), about: () => ({}) },
    metrics: async () => '',
  })
  const probes = FOLDERS.flatMap((folder) => rolesOf(built.get(folder) ?? [])).flatMap(({ spec }) => {
    const [container] = spec.template.spec.containers
    return [container?.startupProbe, container?.livenessProbe, container?.readinessProbe] as (
      | Probe
      | undefined
    )[]
  })
  const paths = new Set(probes.map((probe) => probe?.httpGet?.path))
  expect(paths).toEqual(new Set(['/health/live', '/health/ready']))
  for (const path of paths) expect((await fetch(`${server.url}${path}`)).status).toBe(200)
  await server.close()
})

it.skipIf(WITHOUT_KUSTOMIZE)(
  'production has one Deployment of workers for each region, and names every image by its version',
  () => {
    const manifests = built.get('k8s/overlays/production') ?? []
    const workers = rolesOf(manifests).filter((deployment) => componentOf(deployment) === 'bedrock')
    expect(workers.map(({ metadata }) => metadata.name).sort()).toEqual([
      'quarry-bedrock-eu-central-1',
      'quarry-bedrock-us-east-1',
    ])
    for (const folder of FOLDERS.slice(1)) {
      for (const { spec } of deploymentsOf(built.get(folder) ?? [])) {
        for (const container of spec.template.spec.containers) {
          expect(container).toHaveProperty('image', expect.stringMatching(/:\d+\.\d+\.\d+/))
        }
      }
    }
  },
)

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
}

interface IpBlock {
  readonly cidr: string
  readonly except?: readonly string[]
}

interface Peer {
  readonly ipBlock?: IpBlock
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
}

interface Policy extends Manifest {
  readonly spec: {
    readonly podSelector: Selector
    readonly policyTypes: readonly string[]
    readonly egress?: readonly {
      readonly to?: readonly Peer[]
      readonly ports?: readonly { readonly port: number }[]
    }[]
    readonly ingress?: readonly { readonly from?: readonly Peer[] }[]
  }
}

function policiesIn(manifests: readonly Manifest[]): Policy[] {
  return manifests.filter((one): one is Policy => one.kind === 'NetworkPolicy')
}

/** A neighbour, an address of each private network, the metadata of clouds in both families, loopback. */
const PRIVATE = [
  ...[
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '127.0.0.1',
  ],
  ...['fd00:ec2::254', 'fe80::1', 'fc00::1', '::1', '64:ff9b::a00:1', '::ffff:10.0.0.1'],
]

function reaches({ cidr, except = [] }: IpBlock, address: string): boolean {
  const parsed = ipaddr.parse(address)
  const within = (range: string) => {
    const network = ipaddr.parseCIDR(range)
    return network[0].kind() === parsed.kind() && parsed.match(network)
  }
  return within(cidr) && !except.some(within)
}

/** What the policies let out of a role's pods; a policy without rules denies all. */
function egressPorts(manifests: readonly Manifest[], role: string): number[] {
  const [deployment] = rolesOf(manifests).filter((one) => componentOf(one) === role)
  const labels = deployment?.spec.template.metadata.labels ?? {}
  const policies = policiesIn(manifests)
  const fitting = policies.filter(({ spec }) =>
    Object.entries(spec.podSelector.matchLabels ?? {}).every(([name, value]) => labels[name] === value),
  )
  expect(fitting.some(({ spec }) => spec.policyTypes.includes('Egress') && spec.egress === undefined)).toBe(
    true,
  )
  return fitting
    .flatMap(({ spec }) => spec.egress ?? [])
    .flatMap(({ ports = [] }) => ports.map(({ port }) => port))
}
