// `npm run bench -- idle`: the cost of processes without jobs.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { type EngineRunSpec, onEngine } from './rig/engine-run.ts'
import { watchRedisLoad } from './rig/redis-load.ts'

const LANES = 200
const QUICK_LANES = 20
const WORKERS = 8
/** Shorter than five minutes, after which an idle lane closes. */
const MEASURED_MS = 60_000
/** Waits until the work after the last job is done and the heap is collected. */
const QUIET_MS = 15_000

const apart = (workers: number): readonly (readonly string[])[] => [
  ['--roles', 'adapter'],
  ['--roles', 'ops'],
  ...Array.from({ length: workers }, () => ['--roles', 'bedrock']),
]

const idleWith =
  (spec: Omit<EngineRunSpec, 'modelMs'>, hasLanes = false) =>
  (bench: BenchRun): Promise<Figures> =>
    onEngine(bench, { ...spec, modelMs: 0 }, async ({ workers, create, untilCompleted }) => {
      const { quick, id, parts } = bench
      const measuredMs = quick ? 5_000 : MEASURED_MS
      if (hasLanes) {
        const count = quick ? QUICK_LANES : LANES
        await create({ count, model: (index) => `lane-${index}@${id}` })
        await untilCompleted(count)
      }
      await sleep(quick ? 2_000 : QUIET_MS)
      const before = workers.cpuSeconds()
      const { commands, scripted } = await watchRedisLoad(parts.redis.url, () => sleep(measuredMs))
      const after = workers.cpuSeconds()
      const memory = workers.memory()
      const seconds = measuredMs / 1_000
      const sent = [...commands].sort(([, one], [, other]) => other - one)
      console.log(
        `    ${sent.map(([name, count]) => `${name} ${(count / seconds).toFixed(1)}/s`).join(', ')}`,
      )
      return {
        cpu: before === null || after === null ? null : (after - before) / seconds,
        commands: sent.reduce((sum, [, count]) => sum + count, 0) / seconds,
        scripted: scripted / seconds,
        rss: memory?.rss ?? null,
        pss: memory?.pss ?? null,
      }
    })

export const idle: Bench = {
  name: 'idle',
  title: 'processes that have nothing to do, with and without lanes that were used just before',
  figures: {
    cpu: { title: 'CPU, of one core', unit: 'share' },
    commands: { title: 'commands to Redis', unit: 'perSecond' },
    scripted: { title: 'commands in scripts', unit: 'perSecond' },
    rss: { title: 'RSS', unit: 'mb' },
    pss: { title: 'PSS', unit: 'mb' },
  },
  cases: [
    { name: 'quarry', title: 'Quarry, one process', run: idleWith({ kind: 'quarry' }) },
    {
      name: 'quarry-lanes',
      title: `Quarry, one process, ${LANES} idle lanes`,
      run: idleWith({ kind: 'quarry' }, true),
    },
    {
      name: 'apart',
      title: `Quarry, adapter, ops and ${WORKERS} workers`,
      run: idleWith({ kind: 'quarry', processes: apart(WORKERS) }),
    },
    {
      name: 'apart-lanes',
      title: `Quarry, adapter, ops and ${WORKERS} workers, ${LANES} idle lanes`,
      run: idleWith({ kind: 'quarry', processes: apart(WORKERS) }, true),
    },
    { name: 'sdk', title: 'plain SDK worker', run: idleWith({ kind: 'sdk-standard' }) },
  ],
  goals: (median) => [
    ...['quarry', 'quarry-lanes'].flatMap((name) => [
      { case: name, figure: 'cpu', atMost: 0.01 },
      { case: name, figure: 'commands', atMost: 20 },
    ]),
    {
      case: 'apart-lanes',
      figure: 'commands',
      atMost: 1.1 * (median('apart', 'commands') ?? 0),
      because: '1.1 times as without lanes',
    },
  ],
  charts: ['cpu', 'commands', 'pss'],
}
