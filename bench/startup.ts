// `npm run bench -- startup`: time from the start of a process until it is ready, with Redis and Zeebe running.
import type { Bench, BenchRun } from './bench.ts'
import type { Figures } from './report/figure.ts'
import { median } from './report/statistics.ts'
import { startWorkers, type WorkerKind } from './rig/contenders.ts'
import { withQuarrySettings } from './rig/quarry-settings.ts'

/** Starts in each round; the first fills the compile cache and does not count. */
const STARTS = 5

const starting =
  (kind: WorkerKind, args: readonly string[] = []) =>
  ({ id, parts, quick }: BenchRun): Promise<Figures> =>
    withQuarrySettings({ id, redis: parts.redis, lanes: {} }, async ({ env }) => {
      const work = {
        jobType: `bench:${id}`,
        grpcAddress: parts.grpcAddress,
        endpoint: parts.standIn.tlsUrl,
        caFile: parts.standIn.caFile,
        quarry: { env, processes: [args] },
      }
      const starts: Record<'readyMs' | 'cpu' | 'rss', number | null>[] = []
      for (let left = quick ? 1 : STARTS; left >= 0; left -= 1) {
        const startedAt = performance.now()
        const workers = await startWorkers(kind, work)
        const readyMs = performance.now() - startedAt
        starts.push({ readyMs, cpu: workers.cpuSeconds(), rss: workers.memory()?.rss ?? null })
        await workers.stop()
      }
      const of = (figure: 'readyMs' | 'cpu' | 'rss') => median(starts.slice(1).map((one) => one[figure]))
      return { readyMs: of('readyMs'), cpu: of('cpu'), rss: of('rss') }
    })

export const startup: Bench = {
  name: 'startup',
  title: 'from the start of a process until it is ready',
  figures: {
    readyMs: { title: 'ready after', unit: 'ms' },
    cpu: { title: 'CPU until then', unit: 'cpu' },
    rss: { title: 'RSS then', unit: 'mb' },
  },
  cases: [
    { name: 'quarry', title: 'Quarry, every role', run: starting('quarry') },
    { name: 'adapter', title: 'Quarry, adapter', run: starting('quarry', ['--roles', 'adapter']) },
    { name: 'bedrock', title: 'Quarry, bedrock', run: starting('quarry', ['--roles', 'bedrock']) },
    { name: 'ops', title: 'Quarry, ops', run: starting('quarry', ['--roles', 'ops']) },
    { name: 'sdk', title: 'plain SDK worker', run: starting('sdk-standard') },
  ],
  goals: () =>
    ['quarry', 'adapter', 'bedrock', 'ops'].map((name) => ({ case: name, figure: 'readyMs', atMost: 1_500 })),
  charts: ['readyMs'],
}
