// `quarry demo`: runs process instances on real parts, shows progress, and checks the results.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { terminalProgress } from '../../../embedded/parts.ts'
import { type RunningProcess, startRoles } from '../../../workers/all-in-one.ts'
import { gatewayOptions } from '../../../workers/gateway.ts'
import { makeGrpcProcessPort } from '../../camunda/grpc-process-port.ts'
import type { ProcessPort } from '../../camunda/process-port.ts'
import { loadSettings } from '../../settings/load-settings.ts'
import { makeService } from '../../time/service.ts'
import { UsageError } from '../usage-error.ts'
import { callsOf, claim, wrongWith } from './claims.ts'
import { clearRedis } from './clear-redis.ts'
import { type DemoParts, GRANTED_PER_MINUTE, startDemoParts, TOLD_PER_MINUTE } from './demo-parts.ts'
import { startDisplay } from './live-display.ts'
import { type DemoSummary, endedRight, percentile, summaryTable } from './summary.ts'
import { makeTally, type Tally } from './tally.ts'

const DIAGRAM = new URL('../../../examples/claim-triage.bpmn', import.meta.url)
const PROCESS_ID = 'claim-triage'
const LONGEST_MS = 30 * 60_000
/** With `--keep`, after the first instances. Each makes two to three calls, of 10 a second that each lane may make. */
const KEPT_PER_SECOND = 2

/** The flags of `quarry demo`. */
export interface DemoFlags {
  readonly instances: number
  /** Print the summary as JSON on standard output; all else goes to standard error. */
  readonly json?: true
  /** Start further instances at the end, until a signal. */
  readonly keep?: true
  /** Call real Bedrock. */
  readonly aws?: true
  /** With `aws`: do not ask. */
  readonly yes?: true
}

/**
 * @returns the exit code: 0 only if every instance completed with the right variables and no incident.
 * @throws UsageError when flags do not go together.
 */
export async function runDemo(options: DemoFlags, env: NodeJS.ProcessEnv): Promise<number> {
  if (options.yes && !options.aws) throw new UsageError('--yes goes with --aws.', 'demo')
  if (options.aws && !(await agreed(options))) return 1
  const out = options.json ? process.stderr : process.stdout
  const parts = await startDemoParts(env, options.aws === true, terminalProgress(out))
  let quarry: RunningProcess | undefined
  let processes: ProcessPort | undefined
  const { settings } = loadSettings({ env: parts.env })
  try {
    quarry = await startRoles(settings)
    processes = makeGrpcProcessPort(gatewayOptions(settings))
    // Quarry refuses a Redis that may lose jobs, and the user's own may be such a one.
    const refused = quarry.refused.then((error) => Promise.reject(error))
    const summary = await Promise.race([runInstances({ options, parts, quarry, processes, out }), refused])
    if (options.json) console.log(JSON.stringify(summary))
    else out.write(`\n${summaryTable(summary)}\n`)
    if (options.keep) await keepRunning({ processes, quarry, out })
    return endedRight(summary) ? 0 : 1
  } finally {
    await processes?.close()
    await quarry?.stop()
    if (quarry !== undefined && parts.redis.origin === 'address') await clearRedis(settings)
    await parts.stop()
  }
}

interface Run {
  readonly options: DemoFlags
  readonly parts: DemoParts
  readonly quarry: RunningProcess
  readonly processes: ProcessPort
  readonly out: NodeJS.WriteStream
}

async function runInstances({ options, parts, quarry, processes, out }: Run): Promise<DemoSummary> {
  const tally = makeTally(quarry.events)
  let incidents = 0
  const incidentTexts: string[] = []
  quarry.events.on('answered', ({ retriesLeft, errorType, lane }) => {
    if (retriesLeft !== 0) return
    incidents += 1
    incidentTexts.push(`${errorType} in lane ${lane}`)
  })
  const diagram = (await readFile(DIAGRAM, 'utf8')).replaceAll('io.camunda:aws-bedrock:1', parts.jobType)
  await processes.deploy([{ name: 'claim-triage.bpmn', content: Buffer.from(diagram) }])
  const { instances } = options
  const quota =
    parts.sim === null
      ? ''
      : `\n  Each model's quota is ${GRANTED_PER_MINUTE} requests a minute. Quarry is configured with ${TOLD_PER_MINUTE} on purpose, as if the figure\n  were out of date: some calls are throttled, and that costs time only.`
  out.write(
    `\n  Dashboard: ${quarry.url} (metrics at ${quarry.url}/metrics)\n\n  ${instances} instances of examples/claim-triage.bpmn.${quota}\n\n`,
  )
  const ends: InstanceEnd[] = []
  const display = startDisplay(out, tally, () => ({ completed: ends.length, instances }))
  const startedAt = performance.now()
  const ids = Array.from({ length: instances }, (_, index) => index + 1)
  const all = Promise.all(
    ids.map(async (id) => ends.push(await runInstance(processes, id, parts.sim !== null))),
  )
  try {
    // An instance with an incident does not go on: once all others have ended, there is nothing to wait for.
    const stuck = untilStuck(quarry, () => ends.length + incidents >= instances)
    await Promise.race([all, stuck])
  } finally {
    display.stop()
  }
  for (const text of new Set(incidentTexts)) out.write(`  incident: ${text}\n`)
  for (const { wrong } of ends.filter((end) => end.wrong !== null).slice(0, 5)) out.write(`  ${wrong}\n`)
  const durations = ends.filter((end) => end.completed).map((end) => end.tookMs)
  return {
    instances,
    completed: durations.length,
    incidents,
    wrong: ends.filter((end) => end.completed && end.wrong !== null).length,
    calls: tally.total('calls'),
    throttled: tally.total('throttled'),
    retried: tally.total('retried'),
    p50Ms: Math.round(percentile(durations, 0.5)),
    p99Ms: Math.round(percentile(durations, 0.99)),
    tookMs: Math.round(performance.now() - startedAt),
    quotaAllowsMs: parts.sim === null ? null : quotaAllows(tally),
  }
}

function untilStuck(quarry: RunningProcess, isStuck: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    quarry.events.on('reported', () => {
      if (isStuck()) resolve()
    })
  })
}

interface InstanceEnd {
  readonly completed: boolean
  readonly wrong: string | null
  readonly tookMs: number
}

async function runInstance(processes: ProcessPort, id: number, exact: boolean): Promise<InstanceEnd> {
  const startedAt = performance.now()
  const variables = JSON.stringify({ claim: claim(id) })
  try {
    const request = { bpmnProcessId: PROCESS_ID, variables, requestTimeoutMs: LONGEST_MS }
    const result = await processes.createInstanceWithResult(request)
    const wrong = wrongWith(id, JSON.parse(result.variables), exact)
    return {
      completed: true,
      wrong: wrong && `instance ${result.processInstanceKey}: ${wrong}`,
      tookMs: performance.now() - startedAt,
    }
  } catch (error) {
    return {
      completed: false,
      wrong: `instance of claim ${id}: ${String(error)}`,
      tookMs: performance.now() - startedAt,
    }
  }
}

/** Shortest time that the quota allows: that of the busiest lane, whose first second is a burst. */
function quotaAllows(tally: Tally): number {
  const perLane = [...tally.lanes.values()].map((lane) => lane.accepted)
  return Math.max(
    0,
    ...perLane.map((calls) => ((calls - GRANTED_PER_MINUTE / 60) * 60_000) / GRANTED_PER_MINUTE),
  )
}

async function agreed(options: DemoFlags): Promise<boolean> {
  const calls = Array.from({ length: options.instances }, (_, index) => callsOf(index + 1)).reduce(
    (a, b) => a + b,
    0,
  )
  if (options.yes) return true
  if (!process.stdin.isTTY) {
    process.stderr.write('--aws costs money and there is no terminal to ask on: add --yes to go on.\n')
    return false
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(
      `This makes at least ${calls} real Bedrock calls (Amazon Nova Lite in eu-west-1 and us-east-1, AI21 Jamba 1.5 Mini in us-east-1)\nwith the AWS credentials of your environment, and AWS bills them. Go on? [y/N] `,
    )
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}

/** Starts further instances, well within the quotas, so that the dashboard has something to show. Until a signal. */
async function keepRunning({
  processes,
  quarry,
  out,
}: Pick<Run, 'processes' | 'quarry' | 'out'>): Promise<void> {
  out.write(
    `\n  Goes on with ${KEPT_PER_SECOND} instances a second. Dashboard: ${quarry.url}. Ctrl-C ends it.\n`,
  )
  let id = 0
  const load = makeService({
    name: 'starting instances of the demo',
    async round() {
      id += 1
      const variables = JSON.stringify({ claim: claim(id) })
      await processes.createInstance({ bpmnProcessId: PROCESS_ID, variables })
      return 1_000 / KEPT_PER_SECOND
    },
    // The dashboard shows that Zeebe is away.
    onFault: () => undefined,
  })
  load.start()
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await load.stop()
}
