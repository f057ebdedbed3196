// `quarry demo`: runs process instances on real parts, shows progress, and checks the results.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { terminalProgress } from '../../../embedded/parts.ts'
import { type RunningProcess, startRoles } from '../../../workers/all-in-one.ts'
import { gatewayOptions } from '../../../workers/gateway.ts'
import { makeGrpcProcessPort } from '../../camunda/grpc-process-port.ts'
import type { ProcessPort } from '../../camunda/process-port.ts'
import { loadSettings } from '../../settings/load-settings.ts'
import type { Settings } from '../../settings/settings.ts'
import { UsageError } from '../usage-error.ts'
import { callsOf } from './claims.ts'
import { clearRedis } from './clear-redis.ts'
import { runPlain } from './compare.ts'
import { type DemoParts, GRANTED_PER_MINUTE, startDemoParts, TOLD_PER_MINUTE } from './demo-parts.ts'
import { runLoad } from './instances.ts'
import { keepRunning } from './keep-running.ts'
import { startDisplay } from './live-display.ts'
import { comparedTable, type DemoSummary, endedRight, summaryTable } from './summary.ts'
import { makeTally, type Tally } from './tally.ts'

const PROCESS_ID = 'claim-triage'
const DIAGRAM = new URL('../../../examples/claim-triage.bpmn', import.meta.url)

/** The flags of `quarry demo`. */
export interface DemoFlags {
  readonly instances: number
  /** Print the summary as JSON on standard output; all else goes to standard error. */
  readonly json?: true
  /** Start further instances at the end, until a signal. */
  readonly keep?: true
  /** Run the same load on a plain worker, too. */
  readonly compare?: true
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
  if (options.aws && options.compare) throw new UsageError('--compare does not go with --aws.', 'demo')
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
    const plain = options.compare ? await compared({ parts, processes, settings, options, out }) : null
    if (options.json) console.log(JSON.stringify(plain === null ? summary : { ...summary, plain }))
    else out.write(`\n${plain === null ? summaryTable(summary) : comparedTable(summary, plain)}\n`)
    if (options.keep) await keepRunning({ processes, bpmnProcessId: PROCESS_ID, quarry, parts, out })
    return endedRight(summary) ? 0 : 1
  } finally {
    await processes?.close()
    await quarry?.stop()
    if (quarry !== undefined && parts.redis.origin === 'address') await clearRedis(settings)
    await parts.stop()
  }
}

async function compared({
  parts: { sim },
  processes,
  settings,
  options: { instances },
  out,
}: Pick<Run, 'parts' | 'processes' | 'options' | 'out'> & {
  readonly settings: Settings
}): Promise<DemoSummary> {
  if (sim === null)
    throw new UsageError('--compare needs the stand-in for Bedrock that the demo starts.', 'demo')
  out.write('\n  The same load on a plain worker: 100 jobs at a time, three tries for each call.\n')
  const diagram = await readFile(DIAGRAM, 'utf8')
  return runPlain({ processes, gateway: gatewayOptions(settings), sim, diagram, instances })
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
      : `\n  Each model's quota is ${GRANTED_PER_MINUTE} requests a minute. Quarry is configured with ${TOLD_PER_MINUTE} on purpose, as if the figure\n  were out of date: with many instances some calls are throttled, and that costs time only.`
  out.write(
    `\n  Dashboard: ${quarry.url} (metrics at ${quarry.url}/metrics)\n\n  ${instances} instances of examples/claim-triage.bpmn.${quota}\n\n`,
  )
  let completed = 0
  const display = startDisplay(out, tally, () => ({ completed, instances }))
  const onEnd = (ended: number) => {
    completed = ended
  }
  const exact = parts.sim !== null
  const load = { processes, bpmnProcessId: PROCESS_ID, instances, exact, incidents: () => incidents, onEnd }
  const { complaints, ...result } = await runLoad(load).finally(() => display.stop())
  for (const text of new Set(incidentTexts)) out.write(`  incident: ${text}\n`)
  for (const wrong of complaints.slice(0, 5)) out.write(`  ${wrong}\n`)
  return {
    instances,
    ...result,
    calls: tally.total('calls'),
    throttled: tally.total('throttled'),
    retried: tally.total('retried'),
    quotaAllowsMs: parts.sim === null ? null : quotaAllows(tally),
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
