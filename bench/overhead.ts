// `npm run bench -- overhead`: the time of a job beyond the model's time, in a lane without a backlog.
import type { Bench, BenchCase, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { percentile } from './report/statistics.ts'
import type { WorkerKind } from './rig/contenders.ts'
import { onEngine } from './rig/engine-run.ts'
import { runFloor } from './rig/floor.ts'
import { type EngineJob, watchJobs } from './rig/instances.ts'

const MODEL_MS = 1_000
/** A free lane: its quota is ample, and configured. */
const AMPLE_PER_MINUTE = 60_000
const RATES = [5, 50] as const
const JOBS = { 5: 300, 50: 1_500 } as const
const QUICK_SECONDS = 5

const jobsOf = (perSecond: (typeof RATES)[number], { quick }: BenchRun) =>
  quick ? perSecond * QUICK_SECONDS : JOBS[perSecond]

const paced =
  (kind: WorkerKind, perSecond: (typeof RATES)[number]) =>
  (bench: BenchRun): Promise<Figures> =>
    onEngine(bench, { kind, modelMs: MODEL_MS, toldPerMinute: AMPLE_PER_MINUTE }, async (run) => {
      const watch = await watchJobs(bench.parts.records, run.jobType)
      const count = jobsOf(perSecond, bench)
      await run.create({ count, perSecond })
      await run.untilCompleted(count)
      await watch.read()
      return latencyOf(watch.all(), kind === 'complete-only' ? 0 : MODEL_MS)
    })

function latencyOf(jobs: readonly EngineJob[], modelMs: number): Figures {
  const latencies = jobs.flatMap(({ createdAtMs, completedAtMs }) =>
    completedAtMs === null ? [] : completedAtMs - createdAtMs - modelMs,
  )
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), jobs: latencies.length }
}

const direct = (perSecond: (typeof RATES)[number]) => async (bench: BenchRun) => {
  const { standIn } = bench.parts
  const latency = { kind: 'fixed', ms: MODEL_MS } as const
  await standIn.configure({ quotas: [], faults: [], recordBodies: false, latency })
  const count = jobsOf(perSecond, bench)
  const model = `direct@${bench.id}`
  const figures = await runFloor('paced-calls', bench.parts, { count, model, modelMs: MODEL_MS, perSecond })
  return { ...figures, jobs: count }
}

const casesAt = (perSecond: (typeof RATES)[number]): BenchCase[] => [
  {
    name: `quarry-${perSecond}`,
    title: `Quarry, ${perSecond} jobs a second`,
    run: paced('quarry', perSecond),
  },
  {
    name: `sdk-${perSecond}`,
    title: `plain SDK worker, ${perSecond} jobs a second`,
    run: paced('sdk-standard', perSecond),
  },
  {
    name: `complete-only-${perSecond}`,
    title: `a worker that only completes, ${perSecond} jobs a second`,
    run: paced('complete-only', perSecond),
  },
  {
    name: `direct-${perSecond}`,
    title: `direct SDK calls, ${perSecond} a second, without an engine`,
    run: direct(perSecond),
  },
]

export const overhead: Bench = {
  name: 'overhead',
  title: 'latency that is added to a model of 1 s, at 5 and at 50 jobs a second',
  figures: {
    p50: { title: 'added, p50', unit: 'ms' },
    p99: { title: 'added, p99', unit: 'ms' },
    jobs: { title: 'jobs', unit: 'count' },
  },
  cases: RATES.flatMap(casesAt),
  goals: () =>
    RATES.flatMap((perSecond) => [
      { case: `quarry-${perSecond}`, figure: 'p50', atMost: 8 },
      { case: `quarry-${perSecond}`, figure: 'p99', atMost: 25 },
    ]),
  charts: ['p50', 'p99'],
}
