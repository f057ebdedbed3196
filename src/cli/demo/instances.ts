// Runs the demo's instances and collects how they ended.
import type { ProcessPort } from '../../camunda/process-port.ts'
import { claim, wrongWith } from './claims.ts'
import { type DemoSummary, percentile } from './summary.ts'

const LONGEST_MS = 30 * 60_000

export interface Load {
  readonly processes: ProcessPort
  readonly bpmnProcessId: string
  readonly instances: number
  /** Whether the stand-in answers, so that the results are known. */
  readonly exact: boolean
  /** Instances that do not go on, so far. */
  readonly incidents: () => number
  /** Called with the instances that ended so far. */
  readonly onEnd: (ended: number) => void
}

export interface LoadResult
  extends Pick<DemoSummary, 'completed' | 'incidents' | 'wrong' | 'p50Ms' | 'p99Ms' | 'tookMs'> {
  /** What was wrong with instances, for people. */
  readonly complaints: readonly string[]
}

/** Starts all instances at once. Ends when each has ended, or cannot go on for an incident. */
export async function runLoad({
  processes,
  bpmnProcessId,
  instances,
  exact,
  incidents,
  onEnd,
}: Load): Promise<LoadResult> {
  const ends: InstanceEnd[] = []
  const startedAt = performance.now()
  const stuck = Promise.withResolvers<void>()
  const look = setInterval(() => {
    if (ends.length + incidents() >= instances) stuck.resolve()
  }, LOOK_MS)
  const all = Array.from({ length: instances }, async (_, index) => {
    ends.push(await runInstance(processes, { bpmnProcessId, id: index + 1, exact }))
    onEnd(ends.length)
  })
  try {
    await Promise.race([Promise.all(all), stuck.promise])
  } finally {
    clearInterval(look)
  }
  const durations = ends.filter((end) => end.completed).map((end) => end.tookMs)
  return {
    completed: durations.length,
    incidents: incidents(),
    wrong: ends.filter((end) => end.completed && end.wrong !== null).length,
    p50Ms: Math.round(percentile(durations, 0.5)),
    p99Ms: Math.round(percentile(durations, 0.99)),
    tookMs: Math.round(performance.now() - startedAt),
    complaints: ends.flatMap(({ wrong }) => (wrong === null ? [] : [wrong])),
  }
}

const LOOK_MS = 50

interface InstanceEnd {
  readonly completed: boolean
  readonly wrong: string | null
  readonly tookMs: number
}

async function runInstance(
  processes: ProcessPort,
  { bpmnProcessId, id, exact }: { bpmnProcessId: string; id: number; exact: boolean },
): Promise<InstanceEnd> {
  const startedAt = performance.now()
  const variables = JSON.stringify({ claim: claim(id) })
  const tookMs = () => performance.now() - startedAt
  try {
    const request = { bpmnProcessId, variables, requestTimeoutMs: LONGEST_MS }
    const result = await processes.createInstanceWithResult(request)
    const wrong = wrongWith(id, JSON.parse(result.variables), exact)
    const complaint = wrong && `instance ${result.processInstanceKey}: ${wrong}`
    return { completed: true, wrong: complaint, tookMs: tookMs() }
  } catch (error) {
    return { completed: false, wrong: `instance of claim ${id}: ${String(error)}`, tookMs: tookMs() }
  }
}
