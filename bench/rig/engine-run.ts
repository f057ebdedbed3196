// A run of one contender on the engine: resets the stand-in, and starts and warms workers under fresh names. The measurement
// begins after that: starts and first calls are not included.
import type { BenchRun } from '../bench.ts'
import { startWorkers, type WorkerKind, type Workers } from './contenders.ts'
import { type DiagramOptions, diagram } from './diagram.ts'
import { createInstances, type InstanceWatch, type Load, until, watchInstances } from './instances.ts'
import { type LanesFile, withQuarrySettings } from './quarry-settings.ts'

export interface EngineRunSpec {
  readonly kind: WorkerKind
  /** @default 1 */
  readonly workers?: number
  /** The arguments after `start` of each process of Quarry. @default one process with every role */
  readonly processes?: readonly (readonly string[])[]
  readonly modelMs: number
  /** The prompt of a call. @default some words */
  readonly promptBytes?: number
  /** The quota in Quarry's settings, requests a minute for every model. @default none */
  readonly toldPerMinute?: number
  /** Further settings of Quarry. @default none */
  readonly env?: Readonly<Record<string, string>>
  readonly resultExpression?: string
  /** Jobs of one instance. @default 1 */
  readonly jobsOfInstance?: number
  readonly plainJobsAtATime?: number
}

export interface EngineRun {
  readonly jobType: string
  readonly workers: Workers
  readonly watch: InstanceWatch
  /** Creates instances: of the run's model unless `question` says otherwise. */
  create(load: { count: number; perSecond?: number; model?: (index: number) => string }): Promise<void>
  /**
   * Waits until that many instances have completed, calling `look` now and then.
   * @throws Error if a worker ends, an instance has an incident, or nothing completes for a minute and twice the model's time.
   */
  untilCompleted(count: number, look?: () => void | Promise<void>): Promise<void>
}

const REGION = 'eu-west-1'
const WARM_UP_INSTANCES = 20
const LOOK_EVERY_MS = 100
const PATIENCE_MS = 60_000
/** By default as fast as the engine accepts them. */
const AT_ONCE_PER_SECOND = 10_000

export async function onEngine<Result>(
  { id, parts, processes }: BenchRun,
  spec: EngineRunSpec,
  work: (run: EngineRun) => Promise<Result>,
): Promise<Result> {
  const { standIn } = parts
  const jobType = `bench:${id}`
  const measured = `measured-${id}`
  const warm = `warm-${id}`
  const { resultExpression, jobsOfInstance: times } = spec
  const options: DiagramOptions = { resultExpression, ...(times !== undefined && { times }) }
  await processes.deploy([
    { name: `${measured}.bpmn`, content: diagram(measured, jobType, options) },
    { name: `${warm}.bpmn`, content: diagram(warm, jobType, { resultExpression }) },
  ])
  const latency = { kind: 'fixed', ms: spec.modelMs } as const
  await standIn.configure({ quotas: [], faults: [], recordBodies: false, latency })
  const { toldPerMinute } = spec
  const lanes: LanesFile =
    toldPerMinute === undefined ? {} : { quotas: [{ requestsPerMinute: toldPerMinute }] }
  return withQuarrySettings({ id, redis: parts.redis, lanes }, async ({ env }) => {
    const workers = await startWorkers(spec.kind, {
      workers: spec.workers ?? 1,
      jobType,
      grpcAddress: parts.grpcAddress,
      endpoint: standIn.tlsUrl,
      caFile: standIn.caFile,
      quarry: { env: { ...env, ...spec.env }, processes: spec.processes ?? [[]] },
      ...(spec.plainJobsAtATime !== undefined && { plainJobsAtATime: spec.plainJobsAtATime }),
    })
    const over = new AbortController()
    const prompt = promptOf(spec.promptBytes)
    const load = (process: string, count: number, model: (index: number) => string): Load => ({
      process,
      count,
      perSecond: AT_ONCE_PER_SECOND,
      question: (index) => ({ region: REGION, model: model(index), prompt, maxTokens: 20 }),
    })
    const runOn = (watch: InstanceWatch, process: string): EngineRun => ({
      jobType,
      workers,
      watch,
      create: ({ count, perSecond = AT_ONCE_PER_SECOND, model = () => `m@${id}` }) =>
        createInstances({ ...load(process, count, model), perSecond }, processes, Date.now(), over.signal),
      untilCompleted: (count, look) => untilCompleted({ watch, workers, count, look, modelMs: spec.modelMs }),
    })
    try {
      const first = runOn(await watchInstances(parts.records, [warm]), warm)
      await first.create({ count: WARM_UP_INSTANCES, model: () => `warm@${id}` })
      await first.untilCompleted(WARM_UP_INSTANCES)
      await standIn.reset()
      return await work(runOn(await watchInstances(parts.records, [measured]), measured))
    } finally {
      over.abort()
      await workers.stop()
    }
  })
}

async function untilCompleted({
  watch,
  workers,
  count,
  look,
  modelMs,
}: {
  readonly watch: InstanceWatch
  readonly workers: Workers
  readonly count: number
  readonly look?: (() => void | Promise<void>) | undefined
  readonly modelMs: number
}): Promise<void> {
  // A job that just misses a place waits for a whole call before its own.
  const patienceMs = PATIENCE_MS + 2 * modelMs
  let [done, movedAtMs] = [0, Date.now()]
  while (done < count) {
    const ended = workers.ended()
    if (ended !== null) throw new Error(ended)
    await look?.()
    await watch.read()
    const instances = watch.all()
    if (instances.some(({ hasIncident }) => hasIncident)) throw new Error('An instance met an incident.')
    const now = instances.filter(({ completedAtMs }) => completedAtMs !== null).length
    if (now > done) movedAtMs = Date.now()
    done = now
    if (Date.now() - movedAtMs > patienceMs) throw new Error(`Only ${done} of ${count} instances completed.`)
    await until(Date.now() + LOOK_EVERY_MS, AbortSignal.timeout(PATIENCE_MS))
  }
}

/** Words that compress badly. */
export function promptOf(bytes: number | undefined): string {
  if (bytes === undefined) return 'What is the answer?'
  let text = ''
  for (let state = 1; text.length < bytes; state = (state * 48_271) % 2_147_483_647)
    text += `${state.toString(36)} `
  return text.slice(0, bytes)
}

export interface BulkFigures {
  /** Jobs a second, from the first instance's start to the last one's end by the engine's clock, less the model's time once. */
  readonly rate: number
  /** CPU of all worker processes and their children, s; null without a process table. */
  readonly cpuSeconds: number | null
}

const JOBS_OF_INSTANCE = 100

/** Runs a contender on a number of jobs that are created at once, as tasks of instances of 100. */
export function runBulk(
  bench: BenchRun,
  spec: EngineRunSpec & { readonly jobs: number },
  look?: (workers: Workers) => void | Promise<void>,
): Promise<BulkFigures> {
  const count = Math.ceil(spec.jobs / JOBS_OF_INSTANCE)
  return onEngine(bench, { ...spec, jobsOfInstance: JOBS_OF_INSTANCE }, async (run) => {
    await look?.(run.workers)
    const before = run.workers.cpuSeconds()
    await run.create({ count })
    await run.untilCompleted(count, look && (() => look(run.workers)))
    const after = run.workers.cpuSeconds()
    const instances = run.watch.all()
    const startedAtMs = Math.min(...instances.map((one) => one.startedAtMs))
    const endedAtMs = Math.max(...instances.map((one) => one.completedAtMs ?? 0))
    const seconds = (endedAtMs - startedAtMs - spec.modelMs) / 1_000
    return {
      rate: (count * JOBS_OF_INSTANCE) / seconds,
      cpuSeconds: before === null || after === null ? null : after - before,
    }
  })
}
