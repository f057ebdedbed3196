// Runs a benchmark: each case once in every round, so that other load on the machine affects all cases alike. Writes the
// medians as a table beside their goals, as JSON, and as charts.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { terminalProgress } from '../embedded/parts.ts'
import { makeGrpcProcessPort } from '../src/camunda/grpc-process-port.ts'
import type { Bench } from './bench.ts'
import { barCharts } from './report/bar-chart.ts'
import { type BenchResults, chartsOf, goalTable, resultsTable } from './report/bench-report.ts'
import type { Figures } from './report/figure.ts'
import { withResults } from './report/page.ts'
import { hereAndNow, runResults, summary, writeProvenance } from './report/results.ts'
import { startParts } from './rig/parts.ts'

const DOCS = new URL('../docs/', import.meta.url)
const RESULTS = new URL('results/', import.meta.url)
/** A newly started engine is slow at first. */
const CALL_TIMEOUT_MS = 60_000

export interface MeasureOptions {
  /** One small run of each case, as a check that the benchmark works. Nothing is written. */
  readonly quick: boolean
  readonly runs: number
  /** Names of cases; empty for all. Results are only written if all cases ran. */
  readonly only: readonly string[]
}

/**
 * The flags behind the name of a benchmark.
 * @throws Error that names the fault of a flag.
 */
export function measureOptions(argv: readonly string[], { name, cases }: Bench): MeasureOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      runs: { type: 'string' },
      only: { type: 'string', default: '' },
    },
  })
  const runs = Number(values.runs ?? (values.quick ? 1 : 3))
  if (!Number.isSafeInteger(runs) || runs < 1) {
    throw new Error(`--runs takes a whole number of at least 1, not ${JSON.stringify(values.runs)}.`)
  }
  const names = cases.map((one) => one.name)
  const only = values.only.split(',').filter((one) => one !== '')
  const unknown = only.find((one) => !names.includes(one))
  if (unknown !== undefined) {
    throw new Error(`${name} has no case ${JSON.stringify(unknown)}. It has ${names.join(', ')}.`)
  }
  return { quick: values.quick, runs, only }
}

export async function measure(bench: Bench, options: MeasureOptions): Promise<void> {
  const cases = bench.cases.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  const parts = await startParts(process.env, terminalProgress())
  const processes = makeGrpcProcessPort({ address: parts.grpcAddress, callTimeoutMs: CALL_TIMEOUT_MS })
  const figures = new Map<string, Figures[]>(cases.map(({ name }) => [name, []]))
  try {
    console.log(`\n${bench.title}`)
    for (let round = 1; round <= options.runs; round += 1) {
      for (const { name, run } of cases) {
        await emptyRedis(parts.redis)
        const id = randomUUID().slice(0, 8)
        const came = await run({ id, parts, processes, quick: options.quick })
        figures.get(name)?.push(came)
        console.log(`  round ${round}, ${name}: ${summary(came)}`)
      }
    }
  } finally {
    await processes.close()
    await parts.stop()
  }
  const measured = [...figures].map(([name, runs]) => [name, runResults(runs)] as const)
  const results: BenchResults = { ...hereAndNow(), cases: Object.fromEntries(measured) }
  console.log(`\n${resultsTable(bench, results)}\n\n${goalTable(bench, results)}`)
  console.log(`\n${writeProvenance(results)}.`)
  if (!options.quick && options.only.length === 0) await keep(bench, results)
}

async function emptyRedis({ origin, url }: { origin: string; url: string }): Promise<void> {
  // Redis at a given address is not the benchmark's to empty.
  if (origin === 'address') return
  const redis = new Redis(url)
  await redis.flushall().finally(() => redis.disconnect())
}

/** Replaces the results of the benchmark: its JSON, its charts, and its part of the page. */
async function keep(bench: Bench, results: BenchResults): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  await writeFile(new URL(`${bench.name}.json`, RESULTS), `${JSON.stringify(results, null, 2)}\n`)
  const shown: string[] = []
  for (const { figure, chart } of chartsOf(bench, results)) {
    const path = `images/bench-${bench.name}-${figure}.svg`
    await writeFile(new URL(path, DOCS), barCharts([chart]))
    shown.push(`![${chart.title}](${path})`)
  }
  const part = [
    resultsTable(bench, results),
    goalTable(bench, results),
    ...shown,
    `${writeProvenance(results)}.`,
  ]
  const page = new URL('benchmarks.md', DOCS)
  const text = await readFile(page, 'utf8')
  await writeFile(page, withResults(text, bench.name, part.filter((one) => one !== '').join('\n\n')))
}
