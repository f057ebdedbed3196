// `npm run bench -- throughput`: jobs a second of one process, and their CPU.
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { type EngineRunSpec, runBulk } from './rig/engine-run.ts'
import { runFloor } from './rig/floor.ts'

const JOBS = 3_000
const QUICK_JOBS = 200
/** Above any throughput here: the pace never delays a job. */
const AMPLE_PER_MINUTE = 600_000
const EXPRESSION = '={ answer: response[-1].contentList[1].text }'

const jobsOf = ({ quick }: BenchRun) => (quick ? QUICK_JOBS : JOBS)

/** Of complete-only, which calls nothing, the model's time is 0. */
const bulk =
  (spec: EngineRunSpec) =>
  async (bench: BenchRun): Promise<Figures> => {
    const { rate, cpuSeconds } = await runBulk(bench, { ...spec, jobs: jobsOf(bench) })
    return { rate, cpuPer1000: cpuSeconds === null ? null : (cpuSeconds * 1_000) / jobsOf(bench) }
  }

const floor =
  (name: 'calls' | 'bullmq') =>
  async (bench: BenchRun): Promise<Figures> => {
    const { standIn } = bench.parts
    await standIn.configure({
      quotas: [],
      faults: [],
      recordBodies: false,
      latency: { kind: 'fixed', ms: 0 },
    })
    const model = `floor@${bench.id}`
    return runFloor(name, bench.parts, { count: jobsOf(bench), model, modelMs: 0, perSecond: 0 })
  }

export const throughput: Bench = {
  name: 'throughput',
  title: '3,000 jobs at once for one process with default settings',
  figures: {
    rate: { title: 'jobs a second', unit: 'perSecond' },
    cpuPer1000: { title: 'CPU of 1,000 jobs', unit: 'cpu' },
  },
  cases: [
    {
      name: 'quarry-1s',
      title: 'Quarry, model of 1 s, no quota set',
      run: bulk({ kind: 'quarry', modelMs: 1_000 }),
    },
    {
      name: 'sdk-1s',
      title: 'plain SDK worker, model of 1 s',
      run: bulk({ kind: 'sdk-standard', modelMs: 1_000 }),
    },
    {
      name: 'complete-only',
      title: 'a worker that only completes',
      run: bulk({ kind: 'complete-only', modelMs: 0 }),
    },
    {
      name: 'quarry-0ms',
      title: 'Quarry, model of 0 ms, no quota set',
      run: bulk({ kind: 'quarry', modelMs: 0 }),
    },
    {
      name: 'quarry-0ms-told',
      title: 'Quarry, model of 0 ms, ample quota set',
      run: bulk({ kind: 'quarry', modelMs: 0, toldPerMinute: AMPLE_PER_MINUTE }),
    },
    {
      name: 'quarry-0ms-expression',
      title: 'Quarry, model of 0 ms, no quota set, with a result expression',
      run: bulk({ kind: 'quarry', modelMs: 0, resultExpression: EXPRESSION }),
    },
    {
      name: 'sdk-0ms',
      title: 'plain SDK worker, model of 0 ms',
      run: bulk({ kind: 'sdk-standard', modelMs: 0 }),
    },
    { name: 'calls', title: 'direct SDK calls, 100 at a time, model of 0 ms', run: floor('calls') },
    { name: 'bullmq', title: 'a plain BullMQ queue, jobs of 1 KB, no call', run: floor('bullmq') },
  ],
  goals(median) {
    const ceiling = 0.85 * (median('complete-only', 'rate') ?? Number.POSITIVE_INFINITY)
    const plain = { atMost: median('sdk-0ms', 'cpuPer1000') ?? 0, because: 'the plain SDK worker’s' }
    return [
      {
        case: 'quarry-1s',
        figure: 'rate',
        atLeast: Math.min(200, ceiling),
        because: '200, or 0.85 of the worker that only completes',
      },
      { case: 'quarry-0ms', figure: 'cpuPer1000', atMost: 1.2 },
      { case: 'quarry-0ms', figure: 'cpuPer1000', ...plain },
      { case: 'quarry-0ms-expression', figure: 'cpuPer1000', atMost: 1.5 },
      { case: 'quarry-0ms-expression', figure: 'cpuPer1000', ...plain },
    ]
  },
  charts: ['rate', 'cpuPer1000'],
}
