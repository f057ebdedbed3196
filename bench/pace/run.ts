// One run of one contender: resets the stand-in, starts workers under fresh names, creates instances, changes the stand-in
// on schedule, and returns all observations.
import type { LoggedRequest } from '../../sim/sim.ts'
import type { ProcessPort } from '../../src/camunda/process-port.ts'
import { startWorkers, type Workers } from '../rig/contenders.ts'
import { diagram } from '../rig/diagram.ts'
import { createInstances, type InstanceWatch, type Load, until, watchInstances } from '../rig/instances.ts'
import type { Parts, StandIn } from '../rig/parts.ts'
import { withQuarrySettings } from '../rig/quarry-settings.ts'
import type { Window } from './measures.ts'
import type { ContenderName } from './options.ts'
import type { Call, Names, Observation, Plan, Scale, Scenario } from './scenario.ts'

const LOOK_EVERY_MS = 250
const FIRST_CALL_LOOK_MS = 50
const FIRST_CALL_PATIENCE_MS = 60_000
/** Extra time for a run that lasts until every instance has ended. */
const DRAIN_PATIENCE_MS = 45_000

/** The input of one run. */
export interface Run {
  /** Unique to this run. */
  readonly id: string
  readonly scenario: Scenario
  readonly scale: Scale
  readonly contender: ContenderName
  readonly parts: Parts
  readonly processes: ProcessPort
}

/** @throws Error when a worker does not start, or ends by itself. */
export async function runOnce(run: Run): Promise<Observation> {
  const { id, scenario, scale, parts, processes } = run
  const names: Names = { model: (base) => `${base}@${id}`, process: (name) => `${name}-${id}` }
  const plan = scenario.plan(scale, names)
  const jobType = `bench:${id}`
  const ids = [...new Set(plan.loads.map(({ process }) => process))]
  await processes.deploy(
    ids.map((process) => ({ name: `${process}.bpmn`, content: diagram(process, jobType) })),
  )
  await parts.standIn.configure({ quotas: [], faults: [], recordBodies: false, ...plan.standIn })
  await parts.standIn.reset()
  const ours = { id, redis: parts.redis, lanes: plan.lanes }
  return withQuarrySettings(ours, async ({ env }) => {
    let workers: Workers | undefined
    try {
      workers = await startWorkers(run.contender, {
        workers: plan.workers,
        jobType,
        grpcAddress: parts.grpcAddress,
        endpoint: parts.standIn.tlsUrl,
        caFile: parts.standIn.caFile,
        quarry: { env },
      })
      const watch = await watchInstances(parts.records, ids)
      return await observe(run, { plan, names, workers, watch })
    } finally {
      await workers?.stop()
    }
  })
}

interface Started {
  readonly plan: Plan
  readonly names: Names
  readonly workers: Workers
  readonly watch: InstanceWatch
}

async function observe(run: Run, { plan, names, workers, watch }: Started): Promise<Observation> {
  const { standIn } = run.parts
  const over = new AbortController()
  const cpuBefore = workers.cpuSeconds()
  const create = (loads: readonly Load[], startMs: number) =>
    loads.map((load) => createInstances(load, run.processes, startMs, over.signal))
  const isFirst = ({ fromSeconds = 0 }: Load) => fromSeconds === 0
  const changedAtMs: number[] = []
  const under: Promise<unknown>[] = create(plan.loads.filter(isFirst), Date.now())
  try {
    const startedAtMs = await firstCall(standIn, workers)
    under.push(
      ...create(
        plan.loads.filter((load) => !isFirst(load)),
        startedAtMs,
      ),
    )
    under.push(changeStandIn({ plan, standIn, startedAtMs, changedAtMs, signal: over.signal }))
    const end = await untilEnd({ plan, workers, watch, startedAtMs })
    const cpuAfter = workers.cpuSeconds()
    // Calls admitted at the very end are measured, too: wait for their answers.
    if (!end.isWorkDone) await until(Date.now() + plan.callSeconds * 1_000, over.signal)
    const calls = (await standIn.requests()).map(readCall)
    const seenUntilMs = Date.now()
    await watch.read()
    return {
      ...{ plan, names, startedAtMs, changedAtMs, calls, instances: watch.all(), seenUntilMs },
      window: windowOf(plan, startedAtMs, calls, end),
      grants: (plan.quota?.grants ?? []).map(({ perMinute }, index) => ({
        // The first quota applies from the beginning; each change starts the next one.
        atMs: index === 0 ? startedAtMs : (changedAtMs[index - 1] ?? Number.POSITIVE_INFINITY),
        perMinute,
      })),
      cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
    }
  } finally {
    over.abort()
    await Promise.allSettled(under)
  }
}

/**
 * Waits for the first call, at which the time of a run starts: the start of processes is not measured.
 * @returns the time of that call.
 */
async function firstCall(standIn: StandIn, workers: Workers): Promise<number> {
  const deadlineMs = Date.now() + FIRST_CALL_PATIENCE_MS
  while (Date.now() < deadlineMs) {
    const { lanes } = await standIn.stats()
    const firsts = Object.values(lanes).map(({ firstAt }) => firstAt)
    if (firsts.length > 0) return Math.min(...firsts)
    const ended = workers.ended()
    if (ended !== null) throw new Error(ended)
    await pause(FIRST_CALL_LOOK_MS)
  }
  throw new Error(`No call came within ${FIRST_CALL_PATIENCE_MS / 1_000} s.`)
}

interface Changes extends Pick<Observation, 'plan' | 'startedAtMs'> {
  readonly standIn: StandIn
  /** Gets the moment of each change. */
  readonly changedAtMs: number[]
  readonly signal: AbortSignal
}

async function changeStandIn({ plan, standIn, startedAtMs, changedAtMs, signal }: Changes): Promise<void> {
  for (const { atSeconds, settings } of plan.changes ?? []) {
    await until(startedAtMs + atSeconds * 1_000, signal)
    if (signal.aborted) return
    await standIn.configure(settings)
    changedAtMs.push(Date.now())
  }
}

interface Course extends Pick<Started, 'plan' | 'workers' | 'watch'> {
  readonly startedAtMs: number
}

interface End {
  readonly atMs: number
  /** Whether every instance has ended. */
  readonly isWorkDone: boolean
}

/** Waits for the end of a run: its time is over, or no work is left. */
async function untilEnd({ plan, workers, watch, startedAtMs }: Course): Promise<End> {
  const planned = plan.loads.reduce((sum, { count }) => sum + count, 0)
  const endMs = startedAtMs + plan.seconds * 1_000
  const deadlineMs = plan.drains ? endMs + DRAIN_PATIENCE_MS : endMs
  while (Date.now() < deadlineMs) {
    const ended = workers.ended()
    if (ended !== null) throw new Error(ended)
    await watch.read()
    if (watch.open() === 0 && watch.all().length >= planned) return { atMs: Date.now(), isWorkDone: true }
    const nextMs = Math.min(deadlineMs, Date.now() + LOOK_EVERY_MS)
    await pause(Math.max(1, nextMs - Date.now()))
  }
  return { atMs: deadlineMs, isWorkDone: false }
}

function windowOf(
  { warmUpSeconds }: Plan,
  startedAtMs: number,
  calls: readonly Call[],
  { atMs, isWorkDone }: End,
): Window {
  // Without work after the last call, no quota is needed: the window ends there.
  const lastMs = (calls.at(-1)?.atMs ?? atMs) + 1
  return { fromMs: startedAtMs + warmUpSeconds * 1_000, toMs: isWorkDone ? Math.min(lastMs, atMs) : atMs }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function readCall({ at, model, region, status, tokens, body }: LoggedRequest): Call {
  return { atMs: at, model, region, status, tokens, mark: body === undefined ? '' : markOf(body) }
}

function markOf(body: string): string {
  const { messages } = JSON.parse(body) as { messages?: { content?: { text?: string }[] }[] }
  return messages?.[0]?.content?.[0]?.text?.split(' ', 1)[0] ?? ''
}
