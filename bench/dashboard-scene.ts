// A Quarry under load for a look at its dashboard: several lanes, one throttled, one paused, one drained, on the real
// engine, Redis and the stand-in.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEngine, startRedis, terminalProgress } from '../embedded/parts.ts'
import { startSim } from '../sim/sim.ts'
import { makeGrpcProcessPort } from '../src/camunda/grpc-process-port.ts'
import type { ProcessPort } from '../src/camunda/process-port.ts'
import { loadSettings } from '../src/settings/load-settings.ts'
import { startRoles } from '../workers/all-in-one.ts'
import { diagram } from './rig/diagram.ts'

interface SceneLane {
  readonly region: string
  readonly model: string
  /** Instances started each second. */
  readonly perSecond: number
  /** The quota that the stand-in enforces, as AWS would. */
  readonly granted: number
  /** The configured quota; one above the granted quota causes throttles. */
  readonly quota?: number
}

export const SCENE: readonly SceneLane[] = [
  {
    region: 'eu-central-1',
    model: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
    perSecond: 9,
    granted: 360,
    quota: 400,
  },
  { region: 'eu-central-1', model: 'amazon.nova-lite-v1:0', perSecond: 6, granted: 600, quota: 600 },
  { region: 'us-east-1', model: 'us.amazon.nova-pro-v1:0', perSecond: 5, granted: 240, quota: 240 },
  { region: 'us-east-1', model: 'meta.llama3-1-70b-instruct-v1:0', perSecond: 3, granted: 90 },
  {
    region: 'us-west-2',
    model: 'anthropic.claude-3-haiku-20240307-v1:0',
    perSecond: 2,
    granted: 300,
    quota: 300,
  },
  { region: 'us-west-2', model: 'mistral.mistral-large-2407-v1:0', perSecond: 1, granted: 200, quota: 200 },
]

/** Who may sign in. */
export const OPERATOR = { username: 'ann', password: 'rock' }

export interface Scene {
  /** Of the dashboard. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts everything and goes on adding instances until it is stopped. */
export async function startScene(): Promise<Scene> {
  const progress = terminalProgress()
  const [engine, redis, sim] = await Promise.all([
    startEngine({ env: process.env, progress }),
    startRedis({ env: process.env, progress }),
    startSim({
      settings: {
        latency: { kind: 'lognormal', medianMs: 900, sigma: 0.5 },
        quotas: SCENE.map(({ region, model, granted }) => ({ region, model, requestsPerMinute: granted })),
      },
    }),
  ])
  const folder = await mkdtemp(join(tmpdir(), 'quarry-scene-'))
  const lanes = join(folder, 'lanes.yaml')
  await writeFile(lanes, lanesFile())
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIASCENE'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret-of-the-scene'
  const jobType = `scene:${randomUUID()}`
  const { settings } = loadSettings({
    env: {
      ZEEBE_GRPC_ADDRESS: engine.grpcAddress,
      REDIS_URL: redis.url,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
      AWS_ENDPOINT_URL_STS: sim.tlsUrl,
      AWS_CA_BUNDLE: sim.caFile,
      CONNECTOR_AWS_BEDROCK_TYPE: jobType,
      QUARRY_REDIS_PREFIX: `scene-${process.pid}`,
      QUARRY_LANES_FILE: lanes,
      QUARRY_PORT: '0',
      QUARRY_MAX_BACKLOG: '4000',
      QUARRY_DASHBOARD_LABEL: 'staging',
      QUARRY_DASHBOARD_USERS: `${OPERATOR.username}:operator:${OPERATOR.password}`,
      LOG_LEVEL: 'warn',
    },
  })
  const quarry = await startRoles(settings)
  const processes = makeGrpcProcessPort({ address: engine.grpcAddress })
  const load = await startLoad(processes, jobType)
  return {
    url: quarry.url,
    async stop() {
      await load.stop()
      await processes.close()
      await quarry.stop()
      await Promise.all([engine.stop(), redis.stop(), sim.stop()])
      await rm(folder, { recursive: true })
    },
  }
}

function lanesFile(): string {
  const rules = SCENE.flatMap(({ region, model, quota }) =>
    quota === undefined ? [] : [`  - { region: ${region}, model: "${model}", requestsPerMinute: ${quota} }`],
  )
  return `quotas:\n${rules.join('\n')}\n`
}

async function startLoad(processes: ProcessPort, jobType: string) {
  const stopping = new AbortController()
  const bpmnProcessId = `claims-${randomUUID().slice(0, 8)}`
  await deploy(processes, { name: `${bpmnProcessId}.bpmn`, content: diagram(bpmnProcessId, jobType) })
  const feed = async ({ region, model, perSecond }: SceneLane): Promise<void> => {
    const variables = JSON.stringify({ region, model, prompt: 'Hello there', maxTokens: 200 })
    while (!stopping.signal.aborted) {
      await processes.createInstance({ bpmnProcessId, variables }).catch(() => undefined)
      await sleep(1_000 / perSecond)
    }
  }
  const running = Promise.all(SCENE.map(feed))
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** A newly started engine on a busy machine may take longer than a call's time limit. */
async function deploy(processes: ProcessPort, resource: { name: string; content: Buffer }): Promise<void> {
  for (let left = 5; ; left -= 1) {
    try {
      await processes.deploy([resource])
      return
    } catch (error) {
      if (left === 0) throw error
    }
  }
}
