// `npm run bench -- workers`: the same work for one worker process and for eight.
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { runBulk } from './rig/engine-run.ts'

const JOBS = 3_000
const QUICK_JOBS = 200
const MODEL_MS = 100
const AMPLE_PER_MINUTE = 600_000

const shared =
  (workers: number, kind: 'quarry' | 'sdk-standard') =>
  async (bench: BenchRun): Promise<Figures> => {
    const jobs = bench.quick ? QUICK_JOBS : JOBS
    const processes = [
      ['--roles', 'adapter'],
      ...Array.from({ length: workers }, () => ['--roles', 'bedrock']),
    ]
    const { rate, cpuSeconds } = await runBulk(bench, {
      kind,
      workers,
      processes,
      modelMs: MODEL_MS,
      toldPerMinute: AMPLE_PER_MINUTE,
      jobs,
    })
    return { rate, cpuSeconds }
  }

export const workers: Bench = {
  name: 'workers',
  title: '3,000 jobs at once with a model of 100 ms, for one worker process and for eight; ample quota set',
  figures: {
    rate: { title: 'jobs a second', unit: 'perSecond' },
    cpuSeconds: { title: 'CPU of all', unit: 'cpu' },
  },
  cases: [
    { name: 'one', title: 'Quarry, adapter and 1 worker', run: shared(1, 'quarry') },
    { name: 'eight', title: 'Quarry, adapter and 8 workers', run: shared(8, 'quarry') },
    { name: 'sdk-one', title: 'plain SDK worker, 1 process', run: shared(1, 'sdk-standard') },
    { name: 'sdk-eight', title: 'plain SDK worker, 8 processes', run: shared(8, 'sdk-standard') },
  ],
  goals: (median) => [
    {
      case: 'eight',
      figure: 'cpuSeconds',
      atMost: 1.3 * (median('one', 'cpuSeconds') ?? 0),
      because: '1.3 times one worker’s',
    },
    { case: 'eight', figure: 'rate', atLeast: median('one', 'rate') ?? 0, because: 'one worker’s' },
  ],
  charts: ['rate', 'cpuSeconds'],
}
