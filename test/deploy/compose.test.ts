// docker-compose.yml, where there is no Docker to run it: the schema that Compose itself holds it to (schema/compose-spec.json of
// github.com/compose-spec/compose-go v2.16.2, Apache-2.0), and that what it names is there and fits together.
import { existsSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  CAMUNDA_IMAGE,
  CAMUNDA_PORTS,
  CAMUNDA_SETTINGS,
  REDIS_IMAGE,
  REDIS_PORT,
} from '../../embedded/docker/images.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { type ComposeService, ROOT, readComposeYaml, readServices, variablesRead } from './compose-file.ts'
import { readDockerfile } from './dockerfile.ts'
import schema from './recordings/compose-spec.json' with { type: 'json' }

const services = readServices()
const { config, stages } = readDockerfile()
const named = Object.entries(services)
const ofQuarry = named.filter(([, { image }]) => image.startsWith('quarry:'))
const roles = ofQuarry.filter(([, { command }]) => command?.[0] === 'start')
const environmentOf = ({ environment }: ComposeService) => ({ ...config.env, ...environment })
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const of88 = Object.fromEntries(
  read('docker/camunda-8.8.env')
    .split('\n')
    .filter((line) => /^\w/.test(line))
    .map((line) => line.split('=') as [string, string]),
)

describe('docker-compose.yml', () => {
  it.each([
    ['as it is', {}],
    ['with Camunda 8.8', of88],
  ])('is a Compose file, %s', (_, variables) => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    validate(readComposeYaml(variables))
    expect(validate.errors).toBeNull()
  })

  it('has the services that Quarry needs, and those that show it at work', () => {
    expect(
      named
        .filter(([, { profiles }]) => profiles.length === 0)
        .map(([name]) => name)
        .sort(),
    ).toEqual(['adapter', 'bedrock', 'camunda', 'claims', 'ops', 'redis', 'stand-in'])
    expect(services['prometheus']?.profiles).toEqual(services['grafana']?.profiles)
  })

  it('mounts only files that are there', () => {
    const mounted = named.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    const files = mounted.filter((source) => source.startsWith('.'))
    expect(files.length).toBeGreaterThan(3)
    expect(files.filter((file) => !existsSync(new URL(file, ROOT)))).toEqual([])
  })

  it('pins every image, and gives no container a name that only one can have', () => {
    const foreign = named.filter((one) => !ofQuarry.includes(one)).map(([, { image }]) => image)
    expect(foreign.filter((image) => !/:v?\d+\.\d+\.\d+(-\w+)?$/.test(image))).toEqual([])
    expect(named.filter(([, { container_name }]) => container_name !== undefined)).toEqual([])
  })

  it('publishes ports on this machine only', () => {
    const ports = named.flatMap(([, service]) => service.ports)
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
    expect(new Set(ports.map((port) => port.split(':')[1])).size).toBe(ports.length)
  })

  it('waits only for services with a health check', () => {
    for (const [name, { depends_on }] of named) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const service = services[other]
        const says = service?.healthcheck?.disable !== true && (service?.healthcheck ?? service?.build)
        expect([name, other, condition, says !== undefined]).toEqual([name, other, 'service_healthy', true])
      }
    }
  })

  it('addresses every service by an existing name and port', () => {
    const ports: Record<string, readonly number[]> = {
      camunda: [CAMUNDA_PORTS.grpc, CAMUNDA_PORTS.rest],
      redis: [REDIS_PORT],
      'stand-in': [4580],
      elasticsearch: [9200],
    }
    const urls = named.flatMap(([, { environment }]) =>
      Object.values(environment).filter((value) => /^\w+:\/\//.test(value)),
    )
    expect(urls.length).toBeGreaterThan(5)
    for (const url of urls) {
      const { hostname, port } = new URL(url)
      expect(Object.keys(services)).toContain(hostname)
      expect(ports[hostname]).toContain(Number(port))
    }
  })

  it('runs Camunda and Redis as the tests do', () => {
    expect(services['camunda']).toMatchObject({ image: CAMUNDA_IMAGE, environment: CAMUNDA_SETTINGS })
    expect(services['redis']?.image).toBe(REDIS_IMAGE)
    expect(services['redis']?.command).toEqual(expect.arrayContaining(['--maxmemory-policy', 'noeviction']))
  })

  it('runs Camunda 8.8 with search data that it supports', () => {
    expect(Object.keys(of88).filter((name) => !variablesRead().includes(name))).toEqual([])
    const camunda = readServices(of88)['camunda']
    expect(camunda?.image).toMatch(/:8\.8\.\d+$/)
    expect(camunda?.environment['CAMUNDA_DATA_SECONDARYSTORAGE_TYPE']).toBe('elasticsearch')
    expect(camunda?.depends_on['elasticsearch']).toEqual({ condition: 'service_healthy', required: false })
  })
})

describe('the services of Quarry', () => {
  it('are the three roles, each with valid settings', () => {
    expect(roles.map(([name, { command }]) => [name, command?.join(' ')])).toEqual(
      ['adapter', 'bedrock', 'ops'].map((role) => [role, `start --roles ${role}`]),
    )
    for (const [name, service] of roles) {
      const flags = { roles: service.command?.at(-1) }
      const { settings, warnings } = loadSettings({ env: environmentOf(service), flags })
      expect(settings.roles).toEqual([name])
      expect(warnings).toEqual([])
      expect(settings.server).toMatchObject({ host: '0.0.0.0', port: Number(config.exposed) })
      // The folder: of a file that is mounted by itself, Docker goes on showing the one that an editor replaced.
      expect(service.volumes).toContain('./docker:/etc/quarry:ro')
      expect(settings.lanesFile).toBe('/etc/quarry/lanes.yaml')
      expect(Number.parseInt(service.stop_grace_period ?? '', 10) * 1_000).toBeGreaterThan(
        settings.shutdownGraceMs,
      )
    }
  })

  it('write only to /tmp, and only the worker holds AWS keys', () => {
    expect(ofQuarry.filter(([, { read_only }]) => read_only !== true)).toEqual([])
    const holders = ofQuarry.filter(([, { environment }]) => 'AWS_SECRET_ACCESS_KEY' in environment)
    expect(holders.map(([name]) => name)).toEqual(['bedrock'])
  })

  it('look up accounts at the stand-in that they call', () => {
    const asked = (variables: Record<string, string>) => {
      const bedrock = readServices(variables)['bedrock']
      if (bedrock === undefined) throw new Error('There is no worker')
      const { aws } = loadSettings({ env: environmentOf(bedrock), flags: { roles: 'bedrock' } }).settings
      return [aws.bedrockEndpoint, aws.stsEndpoint, aws.accounts]
    }
    const standIn = 'http://stand-in:4580'
    expect(asked({})).toEqual([standIn, standIn, 'sts'])
    expect(asked({ AWS_ENDPOINT_URL_BEDROCK_RUNTIME: '' })).toEqual([undefined, undefined, 'sts'])
    const own = {
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'https://bedrock.vpc',
      AWS_ENDPOINT_URL_STS: 'https://sts.vpc',
    }
    expect(asked(own)).toEqual(['https://bedrock.vpc', 'https://sts.vpc', 'sts'])
  })

  it('have the quota that the stand-in grants', () => {
    const { rules } = readLaneRules({ path: 'docker/lanes.yaml', text: read('docker/lanes.yaml') })
    const command = services['stand-in']?.command ?? []
    expect(rules?.quotas).toMatchObject([
      { requestsPerMinute: Number(command[command.indexOf('--rpm') + 1]) },
    ])
  })

  it('have more work than a lane admits, so that jobs wait', () => {
    const { rules } = readLaneRules({ path: 'docker/lanes.yaml', text: read('docker/lanes.yaml') })
    const [flag, perMinute] = services['claims']?.command ?? []
    expect(flag).toBe('--per-minute')
    // Each claim has one call of the busiest lane.
    expect(Number(perMinute)).toBeGreaterThan(rules?.quotas[0]?.requestsPerMinute ?? 0)
  })

  it('include a stand-in that knows its flags', async () => {
    expect((await runQuarry([...(services['stand-in']?.command ?? []), '--help'])).code).toBe(0)
  })

  it('include an application that is in the image', () => {
    const [program, script = ''] = services['claims']?.entrypoint ?? []
    expect(program).toBe(config.entrypoint[0])
    const copied = stages.at(-1)?.steps.flatMap((step) => (step.kind === 'copy' ? step.sources : []))
    expect(copied).toContain(script.split('/')[2])
    expect(existsSync(new URL(script.replace('/app/', ''), ROOT))).toBe(true)
  })

  it('are what Prometheus scrapes', () => {
    const { scrape_configs, rule_files } = parse(read('docker/prometheus.yml'))
    expect(scrape_configs[0].dns_sd_configs).toMatchObject([
      { names: roles.map(([name]) => name), port: Number(config.exposed) },
    ])
    expect(services['prometheus']?.volumes.map((volume) => volume.split(':')[1])).toContain(
      rule_files[0].replace('*', 'quarry'),
    )
  })
})
