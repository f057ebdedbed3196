// The contenders: Quarry, plain workers, and a worker that only completes, each as several processes.
import { type Child, startChild } from '../../embedded/child-process.ts'
import { CREDENTIALS, ROOT } from './parts.ts'
import { cpuSeconds, type Memory, memoryOf } from './process-tree.ts'
import { startQuarry } from './quarry-process.ts'

export type WorkerKind = 'quarry' | 'sdk-standard' | 'sdk-adaptive' | 'complete-only'

/** The work of a contender's processes. */
export interface Work {
  /** Worker processes, all of them alike. @default 1 */
  readonly workers?: number
  readonly jobType: string
  readonly grpcAddress: string
  readonly endpoint: string
  readonly caFile: string
  /** For Quarry only. */
  readonly quarry: {
    /** Redis, a prefix of the run's own, and the settings of the run. */
    readonly env: Readonly<Record<string, string>>
    /** The arguments of each process behind `start`. @default one per worker, and an adapter beside several */
    readonly processes?: readonly (readonly string[])[]
  }
  /** Concurrent jobs of a plain worker. @default 100 */
  readonly plainJobsAtATime?: number
}

export interface Workers {
  /** CPU time of all processes and their children so far, s; null without a process table. */
  cpuSeconds(): number | null
  /** Memory of all processes and their children; null without a process table. */
  memory(): Memory | null
  /** The output of a process that ended by itself; null while all run. */
  ended(): string | null
  /** Kills them at once: their work in progress does not count. */
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 60_000

/** Starts all processes and waits until they are ready. @throws Error with the output of a process that fails. */
export async function startWorkers(kind: WorkerKind, work: Work): Promise<Workers> {
  const env = {
    ...CREDENTIALS,
    ZEEBE_GRPC_ADDRESS: work.grpcAddress,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: work.endpoint,
    AWS_ENDPOINT_URL_STS: work.endpoint,
    AWS_CA_BUNDLE: work.caFile,
    NODE_EXTRA_CA_CERTS: work.caFile,
  }
  const starts = kind === 'quarry' ? quarryStarts(work, env) : plainStarts(kind, work, env)
  const children: Child[] = []
  const ends: string[] = []
  const kill = () => {
    for (const child of children) child.kill()
  }
  // After an abort nothing that they do is needed any more.
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    kill()
    await Promise.all(children.map(({ ended }) => ended))
    process.off('exit', kill)
  }
  const started = await Promise.allSettled(
    starts.map(async (start) => {
      const child = await start()
      children.push(child)
      void child.ended.then(({ text }) => ends.push(`A worker ${text}:\n${child.tail()}`))
    }),
  )
  const failed = started.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  const pids = () => children.flatMap(({ pid }) => pid ?? [])
  return {
    cpuSeconds: () => cpuSeconds(pids()),
    memory: () => memoryOf(pids()),
    ended: () => ends[0] ?? null,
    stop,
  }
}

type Environment = Readonly<Record<string, string>>

function quarryStarts({ workers = 1, jobType, quarry }: Work, env: Environment) {
  const apart = [['--roles', 'adapter'], ...Array.from({ length: workers }, () => ['--roles', 'bedrock'])]
  const processes = quarry.processes ?? (workers === 1 ? [['--roles', 'adapter,bedrock']] : apart)
  const own = { ...env, CONNECTOR_AWS_BEDROCK_TYPE: jobType, ...quarry.env }
  return processes.map((args) => async () => (await startQuarry(args, own)).child)
}

/** The script of each plain worker. */
const SCRIPTS = {
  'sdk-standard': 'plain-worker.ts',
  'sdk-adaptive': 'plain-worker.ts',
  'complete-only': 'completing-worker.ts',
} as const

function plainStarts(
  kind: Exclude<WorkerKind, 'quarry'>,
  { workers = 1, jobType, plainJobsAtATime = 100 }: Work,
  env: Environment,
) {
  const { PATH = '', HOME = '' } = process.env
  const own = {
    ...env,
    PATH,
    HOME,
    BENCH_JOB_TYPE: jobType,
    BENCH_RETRY_MODE: kind === 'sdk-adaptive' ? 'adaptive' : 'standard',
    BENCH_JOBS_AT_A_TIME: String(plainJobsAtATime),
  }
  const start = async (): Promise<Child> => {
    const child = startChild(process.execPath, [`bench/rig/${SCRIPTS[kind]}`], { env: own, cwd: ROOT })
    await child.line((line) => line === 'ready' || undefined, { timeoutMs: START_TIMEOUT_MS })
    return child
  }
  return Array.from({ length: workers }, () => start)
}
