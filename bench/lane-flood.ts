// Thousands of model names in one run: their cost in Redis, memory and metrics, and whether a known lane
// goes on: `npm run bench:lane-flood [names]`. Quarry is a process of its own, all roles together; the gateway and the stand-in are here.
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { silentProgress, startRedis } from '../embedded/parts.ts'
import { startSim } from '../sim/sim.ts'
import { startFakeGateway } from '../test/camunda/fake-gateway.ts'
import { converseJob } from '../test/flow/connector-jobs.ts'
import { memoryOf } from './rig/process-tree.ts'
import { startQuarry } from './rig/quarry-process.ts'

const NAMES = Number(process.argv[2] ?? 3_000)
const TYPE = 'bench:lane-flood'
const PREFIX = 'flood'
const EVERY_MS = 1_000
const MB = 1_048_576

const job = (model: string) => converseJob(TYPE, model)

/** Resident memory of a process and of all that it started, MB. */
const residentMb = (): number => Math.round(memoryOf([child.pid ?? 0])?.rss ?? 0)

const redis = await startRedis({ env: process.env, progress: silentProgress })
const admin = new Redis(redis.url)
const gateway = await startFakeGateway({ record: false })
const sim = await startSim({})
const { child, url } = await startQuarry([], {
  ZEEBE_GRPC_ADDRESS: gateway.address,
  REDIS_URL: redis.url,
  QUARRY_REDIS_PREFIX: PREFIX,
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.url,
  AWS_ENDPOINT_URL_STS: sim.url,
  AWS_ACCESS_KEY_ID: 'AKIABENCH',
  AWS_SECRET_ACCESS_KEY: 'x',
  CONNECTOR_AWS_BEDROCK_TYPE: TYPE,
})
const most = { connections: 0, megabytes: 0, metrics: 0, keys: 0, lanes: 0, knownMs: 0 }
const note = (figure: keyof typeof most, value: number): void => {
  most[figure] = Math.max(most[figure], value)
}
const look = async (): Promise<void> => {
  const page = await (await fetch(`${url}/metrics`)).text()
  note('metrics', page.length / MB)
  note('connections', Number(/connected_clients:(\d+)/.exec(await admin.info('clients'))?.[1]))
  note('megabytes', residentMb())
  note('keys', await admin.dbsize())
  note('lanes', await admin.zcard(`${PREFIX}:lanes`))
}
const knownJob = async (): Promise<void> => {
  const startedAt = performance.now()
  await gateway.ended(gateway.addJob(job('known')))
  note('knownMs', performance.now() - startedAt)
}
try {
  await knownJob()
  const startedAt = performance.now()
  const jobs = Array.from({ length: NAMES }, (_, index) => gateway.addJob(job(`name-${index}`)))
  const open = (): number => jobs.filter((key) => gateway.job(key).state !== 'completed').length
  while (open() > 0) {
    await Promise.all([look(), knownJob(), sleep(EVERY_MS)])
    process.stderr.write(`\r${open()} of ${NAMES} are left `)
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  // Lanes unused for a minute lose their places until half of all places are free.
  await sleep(90_000)
  const lanes = (await admin.zrange(`${PREFIX}:lanes`, '0', '-1')).map((name) => `{${name}}`)
  const left = (await admin.keys(`${PREFIX}:{default@*`)).filter(
    (key) => !lanes.some((lane) => key.includes(lane)),
  )
  const page = await (await fetch(`${url}/metrics`)).text()
  console.log(`\n${NAMES} model names, one job each, done in ${seconds} s`)
  console.table({
    'connections to Redis, at the most': most.connections,
    'memory of all its processes, MB, at the most': most.megabytes,
    '/metrics, MB, at the most': Number(most.metrics.toFixed(1)),
    'keys in Redis, at the most': most.keys,
    'lanes, at the most': most.lanes,
    'a job of a known lane, ms, at the most': Math.round(most.knownMs),
    'keys of lanes that are forgotten, in the end': left.length,
    'lanes, in the end': lanes.length,
    '/metrics, MB, in the end': Number((page.length / MB).toFixed(1)),
    'memory of all its processes, MB, in the end': residentMb(),
  })
} finally {
  await child.stop()
  await Promise.all([gateway.stop(), sim.stop(), admin.quit()])
  await redis.stop()
}
