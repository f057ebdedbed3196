// `npm run bench -- inflight`: the memory of a worker with thousands of calls in flight.
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import type { WorkerKind } from './rig/contenders.ts'
import { type EngineRunSpec, runBulk } from './rig/engine-run.ts'

const WANTED = 5_000
const QUICK_WANTED = 300
const PROMPT_BYTES = 2_000
/** Longer than the start of all calls takes, also on a slow machine. */
const MODEL_MS = 30_000
const QUICK_MODEL_MS = 5_000
/** The share of calls in flight at which the memory is read: all run, and none ends yet. */
const NEARLY_ALL = 0.98
const AMPLE_PER_MINUTE = 600_000

const wantedOf = ({ quick }: BenchRun) => (quick ? QUICK_WANTED : WANTED)

/** So many jobs of one lane are more than its share of the backlog. */
const RAISED = {
  QUARRY_MAX_BACKLOG: '20000',
  QUARRY_MAX_LANE_BACKLOG: '20000',
  QUARRY_MAX_BACKLOG_BYTES: String(2 ** 31),
}

const inFlight =
  (kind: WorkerKind) =>
  async (bench: BenchRun): Promise<Figures> => {
    const { standIn } = bench.parts
    const spec: EngineRunSpec & { jobs: number } = {
      kind,
      modelMs: bench.quick ? QUICK_MODEL_MS : MODEL_MS,
      promptBytes: PROMPT_BYTES,
      toldPerMinute: AMPLE_PER_MINUTE,
      env: RAISED,
      plainJobsAtATime: wantedOf(bench),
      jobs: wantedOf(bench),
    }
    const most = { rss: 0, pss: 0, held: 0 }
    let before: number | null = null
    const { rate } = await runBulk(bench, spec, async (workers) => {
      const memory = workers.memory()
      if (memory === null) return
      before ??= memory.rss
      most.rss = Math.max(most.rss, memory.rss)
      most.pss = Math.max(most.pss, memory.pss)
      const { inFlight } = await standIn.stats()
      if (inFlight >= NEARLY_ALL * spec.jobs) most.held = Math.max(most.held, memory.rss)
    })
    const { maxInFlight } = await standIn.stats()
    const orNull = (megabytes: number) => (megabytes > 0 ? megabytes : null)
    return {
      maxInFlight,
      rss: orNull(most.rss),
      held: orNull(most.held),
      pss: orNull(most.pss),
      before,
      rate,
    }
  }

export const inflight: Bench = {
  name: 'inflight',
  title: '5,000 calls in flight with prompts of 2 KB and a model of 30 s; one process',
  figures: {
    maxInFlight: { title: 'calls in flight, at the most', unit: 'count' },
    rss: { title: 'RSS, at the most', unit: 'mb' },
    held: { title: 'RSS while all are in flight', unit: 'mb' },
    pss: { title: 'PSS, at the most', unit: 'mb' },
    before: { title: 'RSS before', unit: 'mb' },
    rate: { title: 'jobs a second', unit: 'perSecond' },
  },
  cases: [
    {
      name: 'quarry',
      title: 'Quarry, bounds of the backlog raised, ample quota set',
      run: inFlight('quarry'),
    },
    { name: 'sdk', title: 'plain SDK worker, 5,000 jobs at a time', run: inFlight('sdk-standard') },
  ],
  goals: () => [
    { case: 'quarry', figure: 'maxInFlight', atLeast: WANTED },
    { case: 'quarry', figure: 'rss', atMost: 400 },
  ],
  charts: ['rss'],
}
