// Who is measured: Quarry and two plain workers, each as so many processes, ended by their handles.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from '../../embedded/child-process.ts'
import type { ContenderName } from './options.ts'
import { CREDENTIALS, ROOT } from './parts.ts'

/** What the processes of a contender work on. */
export interface Work {
  /** Worker processes, all of them alike. */
  readonly workers: number
  readonly jobType: string
  readonly grpcAddress: string
  readonly endpoint: string
  readonly caFile: string
  /** For Quarry only: Redis, a prefix of the run's own, and the settings of the scenario. */
  readonly quarry: Readonly<Record<string, string>>
}

export interface Workers {
  /** Processor time of all of them so far, s; null where the system does not tell. */
  cpuSeconds(): Promise<number | null>
  /** What a process said that ended by itself; null while all run. */
  ended(): string | null
  /** Ends them at once: what they were doing counts no more. */
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 60_000

/** Starts all processes and waits until they work. @throws Error with the output of one that does not. */
export async function startWorkers(contender: ContenderName, work: Work): Promise<Workers> {
  const { PATH = '', HOME = '' } = process.env
  const env = {
    ...{ PATH, HOME, ...CREDENTIALS },
    ZEEBE_GRPC_ADDRESS: work.grpcAddress,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: work.endpoint,
    AWS_ENDPOINT_URL_STS: work.endpoint,
    AWS_CA_BUNDLE: work.caFile,
    NODE_EXTRA_CA_CERTS: work.caFile,
  }
  const children: Child[] = []
  const last: string[] = []
  const watch = (child: Child): Child => {
    children.push(child)
    void child.ended.then(({ text }) => last.push(`A worker ${text}:\n${child.tail()}`))
    return child
  }
  const kill = () => {
    for (const child of children) child.kill()
  }
  // Where a benchmark is broken off, nothing that they do is of use any more.
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    kill()
    await Promise.all(children.map(({ ended }) => ended))
    process.off('exit', kill)
  }
  try {
    const start = contender === 'quarry' ? startQuarry : startPlainWorkers
    await start(contender, work, env, watch)
  } catch (error) {
    await stop()
    throw error
  }
  return { cpuSeconds: () => cpuSeconds(children), ended: () => last[0] ?? null, stop }
}

type Start = (
  contender: ContenderName,
  work: Work,
  env: Readonly<Record<string, string>>,
  watch: (child: Child) => Child,
) => Promise<void>

/** One worker is a process with every role; more are an adapter and so many workers. */
const startQuarry: Start = async (_, { workers, jobType, quarry }, env, watch) => {
  const roles = workers === 1 ? ['adapter,bedrock'] : ['adapter', ...Array(workers).fill('bedrock')]
  const own = { CONNECTOR_AWS_BEDROCK_TYPE: jobType, QUARRY_PORT: '0', LOG_LEVEL: 'info', ...quarry }
  const starting = roles.map(async (role: string) => {
    const args = ['bin/quarry.js', 'start', '--roles', role]
    const child = watch(startChild(process.execPath, args, { env: { ...env, ...own }, cwd: ROOT }))
    const url = await child.line(startedAt, { timeoutMs: START_TIMEOUT_MS })
    await untilReady(url, child)
  })
  await Promise.all(starting)
}

const startPlainWorkers: Start = async (contender, { workers, jobType }, env, watch) => {
  const own = {
    BENCH_JOB_TYPE: jobType,
    BENCH_RETRY_MODE: contender === 'sdk-adaptive' ? 'adaptive' : 'standard',
  }
  const starting = Array.from({ length: workers }, () => {
    const args = [join(import.meta.dirname, 'plain-worker.ts')]
    const child = watch(startChild(process.execPath, args, { env: { ...env, ...own }, cwd: ROOT }))
    return child.line((line) => line === 'ready' || undefined, { timeoutMs: START_TIMEOUT_MS })
  })
  await Promise.all(starting)
}

function startedAt(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  const { msg, url } = JSON.parse(line) as { msg?: string; url?: string }
  return msg === 'quarry started' ? url : undefined
}

async function untilReady(url: string, child: Child): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const response = await fetch(`${url}/health/ready`, { headers: { connection: 'close' } }).catch(
      () => null,
    )
    if (response?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`A worker was not ready after ${START_TIMEOUT_MS / 1_000} s:\n${child.tail()}`)
}

const TICKS_PER_SECOND = 100

/** From Linux's process table: user and system time, in ticks, stand 12th and 13th after the name. */
async function cpuSeconds(children: readonly Child[]): Promise<number | null> {
  const ticks = children.map(async ({ pid }) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return Promise.all(ticks).then(
    (each) => each.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND,
    () => null,
  )
}
