// Stage 4: reports outcomes from the outbox to Zeebe, a bounded number at a time. An outcome that does not go through makes way for others
// and waits: for its partition, for its secrets, or for a retry of its own. An entry is closed only when Zeebe's answer is final.
import {
  type CommandEnd,
  type DestinationHealth,
  makeDestinationHealth,
} from '../camunda/destination-health.ts'
import type { JobStore } from '../ledger/job-store.ts'
import type { Outbox, OutboxEntry } from '../ledger/outbox.ts'
import { tellOfPartitions } from '../telemetry/partitions-away.ts'
import { pause, waitAtMost } from '../time/bounded-wait.ts'
import { makeService, type Service } from '../time/service.ts'
import { type HeldOutcomes, makeHeldOutcomes } from './held-outcomes.ts'
import type { ReportParts } from './report-entry.ts'

export interface ReporterParts extends ReportParts {
  readonly store: Pick<JobStore, 'readAnswer' | 'reported' | 'backlog'>
  readonly outbox: Outbox
  readonly random: () => number
}

export interface Reporter {
  readonly name: string
  start(): void
  /** Outcomes held here that wait for a partition that takes no commands, while others may. */
  stuck(): number
  /** Reports what it can in a few seconds, at most `graceMs`, and leaves the rest to other reporters. Idempotent. */
  stop(graceMs: number): Promise<void>
}

/** New entries read from each shard at a time. */
const READ_AT_ONCE = 8
const BLOCK_MS = 2_000
/** An entry that its reader has not touched for this long is taken over: the reader is dead. */
const DEAD_AFTER_MS = 60_000
const KEEP_EVERY_MS = 15_000
const TAKE_OVER_EVERY_MS = 15_000
/** The same while nothing goes through from here: this reporter could not report what it takes over. */
const TAKE_OVER_SELDOM_MS = 60_000
/** Entries taken over from each shard at a time. */
const TAKE_OVER_AT_ONCE = 64
const READER_GONE_MS = 3_600_000
/** How often the loops check whether something is due. */
const TICK_MS = 250
/** How often a reporter with enough work checks whether it may read on. */
const CROWDED_MS = 20
/** If the gateway could not be reached for this long, outcomes are left to reporters that may reach it. */
const CUT_OFF_AFTER_MS = 15_000
const ASK_AGAIN_MS = 5_000
/** Outcomes of each partition that are still tried while nothing goes through. */
const PROBES = 16
const AFTER_A_FAULT_MS = 1_000
/** How long a stopping reporter goes on; Redis keeps what is not reported by then. */
const DRAIN_MS = 5_000
const DRAIN_LOOK_MS = 20
/** If no new entry was read for this long, there is none. */
const QUIET_MS = 150
/** While outcomes that cannot be read here are left to others, this is checked at this interval. */
const UNREAD_LOOK_MS = 1_000

const now = performance.now.bind(performance)
const NEVER = Number.POSITIVE_INFINITY

interface Reporting {
  readonly parts: ReporterParts
  readonly health: DestinationHealth
  readonly held: HeldOutcomes
  readonly stopping: AbortSignal
  readonly state: State
}

/** Times are ms, of `performance.now`. */
interface State {
  /** Whether the consumer groups exist. */
  prepared: boolean
  /** Since when no new entry was read. */
  quietSince: number
  takeOverAt: number
  /** Since when commands went without any answer. */
  silentSince: number
  /** The gateway cannot be reached from here: all outcomes are left to others. */
  cutOff: boolean
  /** The gateway answers, but nothing goes through: all outcomes except some probes are left to others. */
  probing: boolean
}

export function makeReporter(parts: ReporterParts): Reporter {
  const { outbox, random, events } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  const health = makeDestinationHealth({ now, random, ...tellOfPartitions(events, 'reports') })
  const state: State = {
    prepared: false,
    quietSince: NEVER,
    takeOverAt: 0,
    silentSince: NEVER,
    cutOff: false,
    probing: false,
  }
  const held = makeHeldOutcomes(parts, {
    health,
    leaving: () => signal.aborted || state.cutOff,
    onAnswer: (told, beganAt) => answered(state, told, beganAt),
  })
  const reporting: Reporting = { parts, health, held, state, stopping: signal }
  const services = [
    loop(reporting, 'reading the outbox', read),
    loop(reporting, 'taking over in the outbox', takeOver, TICK_MS),
    loop(reporting, 'keeping what is held of the outbox', keep, KEEP_EVERY_MS),
    loop(reporting, 'looking for the way to Zeebe', watch, TICK_MS),
  ]
  const end = async (graceMs: number): Promise<void> => {
    await waitAtMost(Math.min(graceMs, DRAIN_MS), drained(reporting))
    stopping.abort()
    outbox.interrupt()
    const ended = services.map((service) => service.stop())
    const waiting = held.stop()
    await waitAtMost(graceMs, Promise.all([...ended, held.ended(), outbox.handBack(waiting)]))
  }
  let ending: Promise<void> | undefined
  return {
    name: 'reporting outcomes to Zeebe',
    start() {
      for (const service of services) service.start()
    },
    stuck: held.stuck,
    stop(graceMs) {
      ending ??= end(graceMs)
      return ending
    },
  }
}

/** @param once - resolves with ms until the next round. */
function loop(
  reporting: Reporting,
  name: string,
  once: (reporting: Reporting) => Promise<number>,
  firstAfterMs = 0,
): Service {
  const { parts, state } = reporting
  return makeService({
    name,
    round: () => once(reporting),
    onFault(fault) {
      // After a flush of Redis the consumer groups are gone, and must be created again.
      state.prepared = false
      parts.events.emit('fault', fault)
    },
    firstAfterMs,
    afterFaultMs: () => AFTER_A_FAULT_MS,
    // Stopping is bounded by the rest of the grace period.
    stopWithinMs: NEVER,
  })
}

async function read(reporting: Reporting): Promise<number> {
  const { parts, state } = reporting
  if (!state.prepared) {
    await parts.outbox.prepare()
    await parts.outbox.forgetReaders(READER_GONE_MS)
    state.prepared = true
  }
  if (state.cutOff) {
    if (!(await isReached(parts))) return (0.5 + 0.5 * parts.random()) * ASK_AGAIN_MS
    Object.assign(state, { cutOff: false, silentSince: NEVER, takeOverAt: 0 })
  }
  state.quietSince = Math.min(state.quietSince, now())
  if (parts.unread.areLeft()) return UNREAD_LOOK_MS
  const entries = await parts.outbox.read(READ_AT_ONCE, BLOCK_MS)
  if (entries.length > 0) state.quietSince = NEVER
  await offer(reporting, entries)
  return 0
}

async function takeOver(reporting: Reporting): Promise<number> {
  const { parts, state, stopping } = reporting
  if (!state.prepared || state.cutOff || parts.unread.areLeft()) return TICK_MS
  if (now() < state.takeOverAt) return TICK_MS
  const everyMs = state.probing ? TAKE_OVER_SELDOM_MS : TAKE_OVER_EVERY_MS
  state.takeOverAt = now() + (0.5 + 0.5 * parts.random()) * everyMs
  for await (const entries of parts.outbox.takeOver(DEAD_AFTER_MS, TAKE_OVER_AT_ONCE)) {
    if (stopping.aborted || state.cutOff) await parts.outbox.handBack(entries)
    else await offer(reporting, entries)
  }
  return TICK_MS
}

async function offer(
  { parts, held, state, stopping }: Reporting,
  entries: readonly OutboxEntry[],
): Promise<void> {
  const left = held.offer(entries, state.probing ? PROBES : undefined)
  if (state.probing && left.length > 0) await parts.outbox.handBack(left)
  while (held.crowded() && !stopping.aborted) await pause(CROWDED_MS, stopping)
}

async function keep({ parts, held, state }: Reporting): Promise<number> {
  if (!state.prepared) return KEEP_EVERY_MS
  held.drop(await parts.outbox.keep(held.entries()))
  held.dropSealed(CUT_OFF_AFTER_MS)
  return KEEP_EVERY_MS
}

/** Leaves outcomes to other reporters while they cannot be reported from here. */
async function watch({ parts, health, held, state, stopping }: Reporting): Promise<number> {
  if (state.cutOff || now() - state.silentSince < CUT_OFF_AFTER_MS) return TICK_MS
  state.silentSince = now()
  const reached = await isReached(parts)
  if (stopping.aborted) return TICK_MS
  state.cutOff = !reached
  state.probing = reached && health.allInTrouble()
  if (state.cutOff || state.probing) await parts.outbox.handBack(held.leave(state.cutOff ? 0 : PROBES))
  return TICK_MS
}

function answered(state: State, { kind }: CommandEnd, beganAt: number): void {
  state.silentSince = kind === 'away' ? Math.min(state.silentSince, beganAt) : NEVER
  if (kind !== 'through' || !state.probing) return
  state.probing = false
  state.takeOverAt = 0
}

/** Resolves when everything is reported that Zeebe takes now. */
async function drained({ parts, held, state, stopping }: Reporting): Promise<void> {
  if ((await parts.store.backlog()).outcomes === 0) return
  const quiet = (): boolean => now() - state.quietSince >= QUIET_MS
  while (!stopping.aborted && !(quiet() && held.idle())) await pause(DRAIN_LOOK_MS, stopping)
}

/** Whether the gateway answers at all within some seconds. */
async function isReached({ port }: ReporterParts): Promise<boolean> {
  let reached = false
  const asked = port.topology().then(() => {
    reached = true
  })
  await waitAtMost(ASK_AGAIN_MS, asked)
  return reached
}
