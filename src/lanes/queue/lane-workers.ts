// The lane workers of this process: one for each lane of its regions that has jobs. A lane is opened when an adapter wakes it or the
// registry shows it, and closed when it has been empty for a while.
import type { LaneName } from '../../job/ids.ts'
import { isUnroutable, type Lane, parseLaneName } from '../../job/lane.ts'
import type { Events } from '../../telemetry/events.ts'
import { makeService } from '../../time/service.ts'
import type { LaneRegistry, RegisteredLane } from '../lane-registry.ts'
import type { LaneWorker } from './lane-worker.ts'

export interface LaneWorkersOptions {
  readonly registry: LaneRegistry
  /** Regions this worker serves; undefined means all. */
  readonly regions: readonly string[] | undefined
  readonly open: (name: LaneName, lane: Lane) => LaneWorker
  /** Whether any jobs wait in a lane, are delayed or run, in any process. */
  readonly hasJobs: (name: LaneName) => Promise<boolean>
  /** Whether any job of any lane is accepted and not answered. */
  readonly holdsAny: () => Promise<boolean>
  /** Whether other workers have to serve the lane for now. */
  readonly isLeft: (name: LaneName) => boolean
  readonly events: Events
  readonly now: () => number
  /** @default 300_000 */
  readonly idleMs?: number
  /** @default 5_000, or 1_000 while many lanes are open */
  readonly sweepMs?: number
}

export interface LaneWorkers {
  readonly name: string
  /** Opens lanes that have jobs. Rejects when Redis does not answer. */
  start(): Promise<void>
  /** A lane got jobs: opens it if it is in this worker's regions, and looks for them. */
  wake(name: LaneName): void
  /** A lane's limit may have ended early. */
  reopen(name: LaneName): void
  /** Looks for jobs in all open lanes, since messages may have been missed. */
  wakeAll(): void
  /** Closes a lane of which {@link LaneWorkersOptions.isLeft} is true. */
  leave(name: LaneName): void
  /** An open lane runs this many jobs more at a time. */
  runBesides(name: LaneName, jobs: number): void
  /** Open lanes. */
  names(): readonly LaneName[]
  /** Stops taking jobs in all lanes. */
  pause(): Promise<void>
  /** Waits for running jobs and closes all lanes. */
  close(): Promise<void>
}

const IDLE_MS = 5 * 60_000
/**
 * While more lanes than this are open, idle ones close sooner, since each takes memory: a lane after as long as it had been in use, and
 * IDLE_WHEN_MANY_MS at the least.
 */
const MANY_OPEN = 100
const IDLE_WHEN_MANY_MS = 3_000
/** Lanes looked at in parallel. */
const AT_ONCE = 50
const SWEEP_MS = 5_000
const SWEEP_WHEN_MANY_MS = 1_000
/**
 * While jobs are held, each open lane is looked at this often: if a worker puts a job back with a delay and dies, no message tells of it.
 */
const WAKE_EVERY_MS = 30_000
/** An empty lane unused for this long is removed from the registry and the metrics. */
const FORGET_MS = 24 * 3_600_000
const LOOK_EVERY_MS = 60_000
/** An idle lane in which jobs wait is not checked again before this. */
const WAITING_FOR_MS = 15_000

/** Times of use of a lane, by the clock of Redis. */
interface Uses {
  readonly firstMs: number
  /** Its last use when it was closed here as empty: it is opened again only after a later use. */
  closedAfterMs?: number
}

interface State {
  readonly opened: Map<LaneName, LaneWorker>
  /** Lanes that are closing. */
  readonly closing: Map<LaneName, Promise<void>>
  /** Of lanes that are registered. */
  readonly uses: Map<LaneName, Uses>
  /** When idle lanes that are not open here were last looked at. */
  readonly lookedAt: Map<LaneName, number>
  /** When jobs were last found in open idle lanes. */
  readonly waitingAt: Map<LaneName, number>
  /** When all open lanes were last woken. */
  wokenAt: number
  stopped: boolean
}

export function makeLaneWorkers(options: LaneWorkersOptions): LaneWorkers {
  const state: State = {
    opened: new Map(),
    closing: new Map(),
    uses: new Map(),
    lookedAt: new Map(),
    waitingAt: new Map(),
    wokenAt: options.now(),
    stopped: false,
  }
  options.events.on('laneRulesLoaded', () => {
    for (const worker of state.opened.values())
      void worker.refresh().catch((error: unknown) => {
        options.events.emit('fault', { where: `asking for the pace of lane ${worker.name}`, error })
      })
  })
  const sweeps = makeService({
    name: 'looking for lanes',
    async round() {
      await sweep(options, state)
      return sweepPauseMs(options, state)
    },
    onFault: (fault) => options.events.emit('fault', fault),
    firstAfterMs: options.sweepMs ?? SWEEP_WHEN_MANY_MS,
  })
  return {
    name: sweeps.name,
    async start() {
      await sweep(options, state)
      sweeps.start()
    },
    wake: (name) => wake(options, state, name),
    reopen: (name) => state.opened.get(name)?.reopen(),
    wakeAll() {
      for (const worker of state.opened.values()) worker.reopen()
      sweeps.wake()
    },
    leave(name) {
      const worker = state.opened.get(name)
      if (worker !== undefined && !state.stopped && options.isLeft(name)) closeLane(options, state, worker)
    },
    runBesides: (name, jobs) => state.opened.get(name)?.runBesides(jobs),
    names: () => [...state.opened.keys()],
    async pause() {
      state.stopped = true
      // A running sweep must not open further lanes.
      void sweeps.stop()
      await Promise.all([...state.opened.values()].map((worker) => worker.pause()))
    },
    async close() {
      await Promise.all([
        ...state.closing.values(),
        ...[...state.opened.values()].map((worker) => worker.close()),
      ])
    },
  }
}

function wake(options: LaneWorkersOptions, state: State, name: LaneName): void {
  const { events } = options
  const known = state.opened.get(name)
  known?.wake()
  if (known !== undefined || state.stopped || state.closing.has(name)) return
  if (options.isLeft(name)) return
  const lane = readLane(name, events)
  if (lane === null || !serves(options.regions, lane)) return
  state.opened.set(name, options.open(name, lane))
  events.emit('laneOpened', { lane: name })
}

function sweepPauseMs({ sweepMs }: LaneWorkersOptions, { opened }: State): number {
  return sweepMs ?? (opened.size > MANY_OPEN ? SWEEP_WHEN_MANY_MS : SWEEP_MS)
}

async function sweep(options: LaneWorkersOptions, state: State): Promise<void> {
  const { registry, idleMs = IDLE_MS } = options
  const listed = await registry.list()
  const idle: RegisteredLane[] = []
  for (const known of listed) {
    const uses = usesOf(state, known)
    const opens = known.idleMs <= idleMs && known.usedAtMs !== uses.closedAfterMs
    if (opens && !state.opened.has(known.name)) wake(options, state, known.name)
    // The message about new jobs may be lost, and jobs are added after the lane is registered: hence two sweeps.
    else if (known.idleMs <= 2 * sweepPauseMs(options, state)) state.opened.get(known.name)?.wake()
    if (known.idleMs > Math.min(idleMs, patienceMs(known, uses))) idle.push(known)
  }
  for (let from = 0; from < idle.length; from += AT_ONCE)
    await Promise.all(idle.slice(from, from + AT_ONCE).map((known) => lookAtIdle(options, state, known)))
  await closeForgotten(options, state, new Set(listed.map(({ name }) => name)))
  await wakeAtTimes(options, state)
}

async function wakeAtTimes({ now, holdsAny }: LaneWorkersOptions, state: State): Promise<void> {
  if (now() - state.wokenAt < WAKE_EVERY_MS || state.opened.size === 0) return
  state.wokenAt = now()
  if (await holdsAny()) for (const worker of state.opened.values()) worker.wake()
}

function usesOf({ uses }: State, { name, usedAtMs }: RegisteredLane): Uses {
  const known = uses.get(name) ?? { firstMs: usedAtMs }
  uses.set(name, known)
  return known
}

/** How long an idle lane stays open while many are open, ms. */
function patienceMs({ usedAtMs }: RegisteredLane, { firstMs }: Uses): number {
  return Math.max(IDLE_WHEN_MANY_MS, usedAtMs - firstMs)
}

/** Closes a lane that was idle for too long, or while too many are open. */
async function lookAtIdle(options: LaneWorkersOptions, state: State, known: RegisteredLane): Promise<void> {
  const { hasJobs, now, idleMs = IDLE_MS } = options
  const worker = state.opened.get(known.name)
  if (worker === undefined) return look(options, state, known)
  const closes = () => known.idleMs > idleMs || state.opened.size > MANY_OPEN
  if (!closes() || now() - (state.waitingAt.get(known.name) ?? 0) < WAITING_FOR_MS) return
  if (await hasJobs(known.name)) {
    state.waitingAt.set(known.name, now())
    return
  }
  if (state.opened.get(known.name) !== worker || !closes()) return
  usesOf(state, known).closedAfterMs = known.usedAtMs
  closeLane(options, state, worker)
}

/** Closes open lanes that are no longer registered, unless they got jobs meanwhile. */
async function closeForgotten(
  options: LaneWorkersOptions,
  state: State,
  listed: ReadonlySet<LaneName>,
): Promise<void> {
  for (const known of [state.lookedAt, state.waitingAt, state.uses])
    for (const name of known.keys()) if (!listed.has(name)) known.delete(name)
  const forgotten = [...state.opened.values()].filter(({ name }) => !listed.has(name))
  await Promise.all(
    forgotten.map(async (worker) => {
      const isEmpty = !(await options.hasJobs(worker.name))
      if (isEmpty && state.opened.get(worker.name) === worker) closeLane(options, state, worker)
    }),
  )
}

/** Opens an idle lane in which jobs wait after all, and forgets a lane that was unused for a day. */
async function look(options: LaneWorkersOptions, state: State, known: RegisteredLane): Promise<void> {
  const { now, registry } = options
  if (now() - (state.lookedAt.get(known.name) ?? 0) < LOOK_EVERY_MS) return
  state.lookedAt.set(known.name, now())
  if (await options.hasJobs(known.name)) return wake(options, state, known.name)
  if (known.idleMs <= FORGET_MS) return
  state.lookedAt.delete(known.name)
  await registry.forget(known)
}

/** If a job came meanwhile, closing takes as long as its call, and the next sweep opens the lane again. */
function closeLane({ events }: LaneWorkersOptions, state: State, worker: LaneWorker): void {
  const { name } = worker
  state.opened.delete(name)
  const closing = worker
    .close()
    .catch((error: unknown) => events.emit('fault', { where: `closing lane ${name}`, error }))
    .then(() => {
      state.closing.delete(name)
      events.emit('laneClosed', { lane: name })
    })
  state.closing.set(name, closing)
}

function readLane(name: LaneName, events: Events): Lane | null {
  try {
    return parseLaneName(name)
  } catch (error) {
    events.emit('fault', { where: 'reading the name of a lane', error })
    return null
  }
}

function serves(regions: readonly string[] | undefined, lane: Lane): boolean {
  return regions === undefined || isUnroutable(lane) || regions.includes(lane.region)
}
