// The cost of lanes whose jobs only wait: `npm run bench:waiting-lanes [lanes] [workers]`. Each lane has jobs whose turn is a minute away, and
// workers are processes of their own, beside one adapter; the gateway and the stand-in are here.
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Child } from '../embedded/child-process.ts'
import { silentProgress, startRedis } from '../embedded/parts.ts'
import { startSim } from '../sim/sim.ts'
import { startFakeGateway } from '../test/camunda/fake-gateway.ts'
import { converseJob } from '../test/flow/connector-jobs.ts'
import { cpuSeconds } from './rig/process-tree.ts'
import { startQuarry } from './rig/quarry-process.ts'

const LANES = Number(process.argv[2] ?? 200)
const WORKERS = Number(process.argv[3] ?? 4)
/** Jobs of each lane: more than the burst admits at once. */
const JOBS = 3
const TYPE = 'bench:waiting-lanes'
const PREFIX = 'waiting'
const MEASURED_MS = 30_000

const job = (model: string) => converseJob(TYPE, model)

const redis = await startRedis({ env: process.env, progress: silentProgress })
const admin = new Redis(redis.url)
const gateway = await startFakeGateway({ record: false })
const sim = await startSim({})
const lanesFile = join(tmpdir(), `quarry-waiting-lanes-${process.pid}.yaml`)
writeFileSync(lanesFile, 'quotas:\n  - requestsPerMinute: 1\n')
const env = {
  ZEEBE_GRPC_ADDRESS: gateway.address,
  REDIS_URL: redis.url,
  QUARRY_REDIS_PREFIX: PREFIX,
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.url,
  AWS_ACCESS_KEY_ID: 'AKIABENCH',
  AWS_SECRET_ACCESS_KEY: 'x',
  QUARRY_LANES_FILE: lanesFile,
  QUARRY_AWS_ACCOUNTS: 'keys',
  CONNECTOR_AWS_BEDROCK_TYPE: TYPE,
}
const children: Child[] = []
const cpuOf = ({ pid }: Child): number => cpuSeconds([pid ?? 0]) ?? 0
const figure = async (section: string, name: string): Promise<number> =>
  Number(new RegExp(`${name}:(\\d+)`).exec(await admin.info(section))?.[1])
const calls = async (): Promise<Map<string, number>> =>
  new Map(
    [...(await admin.info('commandstats')).matchAll(/cmdstat_(\S+?):calls=(\d+)/g)].map(
      ([, name = '', count]) => [name, Number(count)],
    ),
  )
try {
  for (const role of ['adapter', ...Array.from({ length: WORKERS }, () => 'bedrock')])
    children.push((await startQuarry(['--roles', role], env)).child)
  const [adapter, ...workers] = children
  const jobs = Array.from({ length: LANES * JOBS }, (_, index) => gateway.addJob(job(`m-${index % LANES}`)))
  const done = (): number => jobs.filter((key) => gateway.job(key).state === 'completed').length
  while (done() < LANES) await sleep(500)
  // The adapter's commands are not part of the cost of waiting.
  adapter?.kill()
  await sleep(5_000)
  const [before, beforeCalls, cpuBefore, doneBefore] = [
    await figure('stats', 'total_commands_processed'),
    await calls(),
    workers.map(cpuOf),
    done(),
  ]
  await sleep(MEASURED_MS)
  const seconds = MEASURED_MS / 1_000
  const after = await figure('stats', 'total_commands_processed')
  const cpu = workers.map((worker, index) => cpuOf(worker) - (cpuBefore[index] ?? 0))
  const rates = [...(await calls())]
    .map(([name, count]) => [name, Math.round((count - (beforeCalls.get(name) ?? 0)) / seconds)] as const)
    .sort(([, one], [, other]) => other - one)
  console.log(`${LANES} lanes with jobs whose turn is far away, ${WORKERS} workers, ${seconds} s`)
  console.table({
    'commands of Redis, those of scripts included, a second': Math.round((after - before) / seconds),
    'scripts, a second': rates.find(([name]) => name === 'evalsha')?.[1] ?? 0,
    'connections to Redis': await figure('clients', 'connected_clients'),
    'CPU of a worker, ms a second': Math.round(
      (1_000 * cpu.reduce((sum, each) => sum + each, 0)) / cpu.length / seconds,
    ),
    'jobs called meanwhile': done() - doneBefore,
  })
  console.log(
    rates
      .slice(0, 12)
      .map(([name, rate]) => `${name} ${rate}`)
      .join(', '),
  )
} finally {
  await Promise.all(children.map((child) => child.stop()))
  await Promise.all([gateway.stop(), sim.stop(), admin.quit()])
  await redis.stop()
  rmSync(lanesFile)
}
