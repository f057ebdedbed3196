// Stage 4: the outbox to Zeebe. Many reports at a time, but a bounded number. An outcome that does not go through leaves its
// place to others and waits: for its partition, for its secrets, or for a while of its own. An entry is closed only when
// Zeebe has answered for good.
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
  /** Outcomes of this reporter that wait for a partition that takes none, while others may. */
  stuck(): number
  /** Reports what it can in a few seconds, `graceMs` at most, and leaves the rest for another reporter. Idempotent. */
  stop(graceMs: number): Promise<void>
}

/** New entries of each shard in one look. */
const READ_AT_ONCE = 8
const BLOCK_MS = 2_000
/** An entry that its reader has not touched for this long belongs to a dead reader. */
const DEAD_AFTER_MS = 60_000
const KEEP_EVERY_MS = 15_000
const TAKE_OVER_EVERY_MS = 15_000
/** The same while nothing goes through from here: what others left is not for this reporter. */
const TAKE_OVER_SELDOM_MS = 60_000
/** Of each shard in one look. */
const TAKE_OVER_AT_ONCE = 64
const READER_GONE_MS = 3_600_000
/** How often it is looked whether something is due. */
const TICK_MS = 250
/** While this reporter has plenty, it is looked so often whether it may read on. */
const CROWDED_MS = 20
/** When the way to the gateway kept outcomes from Zeebe for this long, they are left to reporters that may have another way. */
const CUT_OFF_AFTER_MS = 15_000
const ASK_AGAIN_MS = 5_000
/** Outcomes of each partition that are tried while nothing goes through. */
const PROBES = 16
const AFTER_A_FAULT_MS = 1_000
/** How long a reporter that stops goes on for outcomes that are not reported yet; Redis keeps the rest. */
const DRAIN_MS = 5_000
const DRAIN_LOOK_MS = 20
/** When a look for new entries has found none for this long, there is none. */
const QUIET_MS = 150
/** While outcomes are left to others, it is asked so often whether they still are. */
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
  /** Whether the consumer groups are there. */
  prepared: boolean
  /** Since when a look for new entries has found none. */
  quietSince: number
  takeOverAt: number
  /** Since when nobody has answered, while something was asked. */
  silentSince: number
  /** The gateway cannot be reached from here: all is left to others. */
  cutOff: boolean
  /** It can be reached, and nothing goes through: but for some probes all is left to others. */
  probing: boolean
}

export function makeReporter(parts: ReporterParts): Reporter {
  const { outbox, random, events } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  const health = makeDestinationHealth({ now, random, ...tellOfPartitions(events, 'reports') })
  const state: State = {
    ...{ prepared: false, quietSince: NEVER, takeOverAt: 0 },
    ...{ silentSince: NEVER, cutOff: false, probing: false },
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

/** @param once - resolves with ms until it is done again. */
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
      // After a flush of Redis the consumer groups are gone: they are made again.
      state.prepared = false
      parts.events.emit('fault', fault)
    },
    firstAfterMs,
    afterFaultMs: () => AFTER_A_FAULT_MS,
    // It is what is left of the grace period that bounds it.
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

/** Outcomes that this process cannot tell anybody are left to those who can. */
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

/** Resolves when Zeebe has been told all there is that it takes now. */
async function drained({ parts, held, state, stopping }: Reporting): Promise<void> {
  if ((await parts.store.backlog()).outcomes === 0) return
  const quiet = (): boolean => now() - state.quietSince >= QUIET_MS
  while (!stopping.aborted && !(quiet() && held.idle())) await pause(DRAIN_LOOK_MS, stopping)
}

/** Whether the gateway answers within a while, whatever it is asked. */
async function isReached({ port }: ReporterParts): Promise<boolean> {
  let reached = false
  const asked = port.topology().then(() => {
    reached = true
  })
  await waitAtMost(ASK_AGAIN_MS, asked)
  return reached
}
