// `npm run bench`: every scenario with every contender, on the same engine, Redis and Bedrock stand-in. docs/benchmarks.md
// describes the method.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { terminalProgress } from '../embedded/parts.ts'
import { makeGrpcProcessPort } from '../src/camunda/grpc-process-port.ts'
import type { ProcessPort } from '../src/camunda/process-port.ts'
import { FAIRNESS_SCENARIOS } from './pace/fairness-scenarios.ts'
import { figuresOf } from './pace/figures.ts'
import { type BenchOptions, CONTENDERS, type ContenderName, HELP, parseOptions } from './pace/options.ts'
import { QUOTA_SCENARIOS } from './pace/quota-scenarios.ts'
import { runOnce } from './pace/run.ts'
import type { Scenario } from './pace/scenario.ts'
import { provenance, type Results, resultTable, type ScenarioResult } from './pace/table.ts'
import type { Figures } from './report/figure.ts'
import { withResults } from './report/page.ts'
import { hereAndNow, type RunResults, runResults, summary } from './report/results.ts'
import { type Parts, startParts } from './rig/parts.ts'

const SCENARIOS: readonly Scenario[] = [...QUOTA_SCENARIOS, ...FAIRNESS_SCENARIOS]
const RESULTS = new URL('results/pace.json', import.meta.url)
const PAGE = new URL('../docs/benchmarks.md', import.meta.url)
/** Runs of Quarry, whose medians count; the other contenders run once. */
const RUNS = 3
/** The time limit for a newly started engine. */
const CALL_TIMEOUT_MS = 60_000

interface Bench {
  readonly options: BenchOptions
  readonly parts: Parts
  readonly processes: ProcessPort
}

async function benchmark(options: BenchOptions): Promise<void> {
  const chosen = SCENARIOS.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  const parts = await startParts(process.env, terminalProgress())
  const processes = makeGrpcProcessPort({ address: parts.grpcAddress, callTimeoutMs: CALL_TIMEOUT_MS })
  let results: Results = {}
  try {
    await warmUp({ options: { ...options, quick: true }, parts, processes })
    for (const scenario of chosen) {
      console.log(`\n${scenario.name}: ${scenario.title}`)
      const result = await measure(scenario, { options, parts, processes })
      results = { ...results, [scenario.name]: result }
      // Written now: a later failure does not lose these results.
      if (isToBeKept(options)) await keep({ [scenario.name]: result })
    }
  } finally {
    await processes.close()
    await parts.stop()
  }
  console.log(`\n${resultTable(SCENARIOS, results)}\n\n${provenance(results)}`)
}

/** A run that does not count: a newly started engine is slow at first. */
async function warmUp(bench: Bench): Promise<void> {
  const [first] = SCENARIOS
  if (first === undefined) return
  console.log('\nwarming up')
  await oneRun(first, 'sdk-standard', bench)
}

async function measure(scenario: Scenario, bench: Bench): Promise<ScenarioResult> {
  const { options } = bench
  const contenders: Partial<Record<ContenderName, RunResults>> = {}
  for (const contender of options.contenders) {
    const figures: Figures[] = []
    const runs = contender === 'quarry' && !options.quick ? RUNS : 1
    while (figures.length < runs) figures.push(await oneRun(scenario, contender, bench))
    contenders[contender] = runResults(figures)
  }
  return { ...hereAndNow(), contenders }
}

async function oneRun(scenario: Scenario, contender: ContenderName, bench: Bench): Promise<Figures> {
  const { options, parts, processes } = bench
  if (parts.redis.origin !== 'address') await emptyRedis(parts.redis.url)
  const id = randomUUID().slice(0, 8)
  const scale = options.quick ? 'quick' : 'full'
  const seen = await runOnce({ id, scenario, scale, contender, parts, processes })
  const figures = figuresOf(scenario, seen)
  console.log(`  ${contender}: ${summary(figures)}`)
  return figures
}

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url)
  try {
    await redis.flushall()
  } finally {
    redis.disconnect()
  }
}

function isToBeKept({ quick, contenders }: BenchOptions): boolean {
  return !quick && contenders.length === CONTENDERS.length
}

/** Adds the results to the stored ones, in the order of the scenarios, and rewrites the page. */
async function keep(results: Results): Promise<void> {
  const text = await readFile(RESULTS, 'utf8').catch(() => '{}')
  const kept: Results = { ...(JSON.parse(text) as Results), ...results }
  const all = Object.fromEntries(SCENARIOS.flatMap(({ name }) => (kept[name] ? [[name, kept[name]]] : [])))
  await mkdir(new URL('.', RESULTS), { recursive: true })
  await writeFile(RESULTS, `${JSON.stringify(all, null, 2)}\n`)
  const page = await readFile(PAGE, 'utf8')
  await writeFile(PAGE, withResults(page, 'pace', `${resultTable(SCENARIOS, all)}\n\n${provenance(all)}`))
}

/**
 * `npm run bench -- pace`.
 * @throws Error that names the fault of a flag.
 */
export async function pace(argv: readonly string[]): Promise<void> {
  const options = parseOptions(
    argv,
    SCENARIOS.map(({ name }) => name),
  )
  if (options === null) console.log(HELP)
  else if (options === 'list')
    for (const { name, title } of SCENARIOS) console.log(`${name.padEnd(12)}${title}`)
  else await benchmark(options)
}
