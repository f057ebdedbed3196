// `npm run bench -- inflight`: the memory of a worker with thousands of calls in flight.
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import type { WorkerKind } from './rig/contenders.ts'
import { type EngineRunSpec, runBulk } from './rig/engine-run.ts'

const WANTED = 5_000
const QUICK_WANTED = 300
/** More jobs than calls in flight, so that places are taken again. */
const JOBS_PER_CALL = 1.2
const PROMPT_BYTES = 2_000
const MODEL_MS = 10_000
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
      modelMs: MODEL_MS,
      promptBytes: PROMPT_BYTES,
      toldPerMinute: AMPLE_PER_MINUTE,
      env: RAISED,
      plainJobsAtATime: wantedOf(bench),
      jobs: wantedOf(bench) * JOBS_PER_CALL,
    }
    const most = { rss: 0, pss: 0 }
    let before: number | null = null
    const { rate } = await runBulk(bench, spec, (workers) => {
      const memory = workers.memory()
      before ??= memory?.pss ?? null
      most.rss = Math.max(most.rss, memory?.rss ?? 0)
      most.pss = Math.max(most.pss, memory?.pss ?? 0)
    })
    const { maxInFlight } = await standIn.stats()
    return { maxInFlight, ...(most.rss > 0 ? most : { rss: null, pss: null }), before, rate }
  }

export const inflight: Bench = {
  name: 'inflight',
  title: '5,000 calls in flight with prompts of 2 KB and a model of 10 s; one process',
  figures: {
    maxInFlight: { title: 'calls in flight, at the most', unit: 'count' },
    rss: { title: 'RSS, at the most', unit: 'mb' },
    pss: { title: 'PSS, at the most', unit: 'mb' },
    before: { title: 'PSS before', unit: 'mb' },
    rate: { title: 'jobs a second', unit: 'perSecond' },
  },
  cases: [
    {
      name: 'quarry',
      title: 'Quarry, bounds of the backlog raised, ample quota told',
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
