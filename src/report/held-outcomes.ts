// Outcomes that this reporter has read and not yet reported: under way, queued for their partition or secrets, or waiting for a retry of
// their own. Only a bounded number of ids is kept in memory; the rest stays in the stream under its reader's name.
import { type CommandQueues, makeCommandQueues } from '../camunda/command-queues.ts'
import type { CommandEnd, Destination, DestinationHealth } from '../camunda/destination-health.ts'
import { partitionOf } from '../job/ids.ts'
import { queuedJobId } from '../job/queued-job.ts'
import type { Outbox, OutboxEntry } from '../ledger/outbox.ts'
import { makeRefusals, type Refusals, retryDelay } from './refusals.ts'
import { type AttemptEnd, attemptReport, type ReportParts } from './report-entry.ts'

export interface HeldParts extends ReportParts {
  readonly outbox: Pick<Outbox, 'handBack'>
  readonly random: () => number
}

export interface HeldOptions {
  readonly health: DestinationHealth
  /** Called with the end of each command that was sent, and when it began (ms, of `performance.now`). */
  readonly onAnswer: (told: CommandEnd, beganAt: number) => void
  /** Whether outcomes that cannot be reported now are left to other reporters. */
  readonly leaving: () => boolean
}

export interface HeldOutcomes {
  /**
   * Takes entries and reports them as soon as possible. Entries that are held already are not taken twice.
   * @param most - entries that may wait for one partition. @default as many as there is room for
   * @returns the entries that found no room; nothing is done with them.
   */
  offer(entries: readonly OutboxEntry[], most?: number): readonly OutboxEntry[]
  /** Whether more entries would only wait here. */
  crowded(): boolean
  /** Whether everything that can be reported now is reported. */
  idle(): boolean
  entries(): OutboxEntry[]
  /** How many wait for partitions that take no commands. */
  stuck(): number
  /** Forgets entries that another reporter has taken over. */
  drop(entries: readonly OutboxEntry[]): void
  /** Forgets what has waited this long for its secrets: another reporter may have them. */
  dropSealed(waitedMs: number): void
  /** Forgets and returns what waits. @param but - entries of each partition that stay. @default 0 */
  leave(but?: number): OutboxEntry[]
  /** Starts no more. @returns what waits. */
  stop(): OutboxEntry[]
  /** Resolves when none is under way. */
  ended(): Promise<void>
}

/** 64 for one partition, and some more so that others get through as well. */
const MOST_UNDER_WAY = 86
/** Ids kept in memory. */
const MOST_HELD = 10_000
/** Beyond that, a partition with fewer than this in its queue still takes more: it may be the only one that takes reports. */
const FEW = 256
/** Repeated attempts under way, of outcomes that were refused for a reason of their own. */
const MOST_REPEATED = 8

interface Held {
  readonly entry: OutboxEntry
  /** Of the job and its epoch. */
  readonly id: string
  readonly partition: number
  /** The queue that it is in, or was in last. */
  to: Destination
  timer: NodeJS.Timeout | undefined
  /** When the last attempt began that its partition refused; null for never. */
  refusedAt: number | null
  /** Refusals in a row by a partition that took others meanwhile. */
  oddly: number
}

const now = performance.now.bind(performance)
const NOTHING_TOLD: CommandEnd = { kind: 'alone' }
const repeatsOf = (partition: number): string => `repeated of partition ${partition}`
const isRepeats = (to: Destination): boolean => typeof to === 'string' && to.startsWith('repeated')
const secretsNamed = (names: readonly string[]): string => `secrets ${names.join(' ')}`
const isSecrets = (to: Destination): boolean => typeof to === 'string' && to.startsWith('secrets')
const SECRETS_AWAY: CommandEnd = { kind: 'away', status: 'SECRETS', message: '' }

interface Holding {
  readonly parts: HeldParts
  readonly options: HeldOptions
  /** By id. */
  readonly known: Map<string, Held>
  readonly refusals: Refusals
  readonly queues: CommandQueues<Held>
}

export function makeHeldOutcomes(parts: HeldParts, options: HeldOptions): HeldOutcomes {
  const { health } = options
  const known = new Map<string, Held>()
  const queues = makeCommandQueues<Held>({
    health,
    now,
    random: parts.random,
    places: MOST_UNDER_WAY,
    work: (held, to) => report(holding, held, to),
    most: (to) => (isRepeats(to) ? MOST_REPEATED : MOST_UNDER_WAY),
  })
  const holding: Holding = { parts, options, known, queues, refusals: makeRefusals(parts.random) }
  const leave = (waiting: readonly Held[]): OutboxEntry[] => {
    for (const held of waiting) forget(holding, held)
    return waiting.map(({ entry }) => entry)
  }
  const delayed = (): Held[] => [...known.values()].filter(({ timer }) => timer !== undefined)
  return {
    offer(entries, most) {
      const bound = (): number => most ?? (known.size < MOST_HELD ? Number.POSITIVE_INFINITY : FEW)
      return entries.filter((entry) => {
        const held = fresh(entry)
        if (known.has(held.id)) return false
        if (queues.waiting(held.partition) >= bound()) return true
        known.set(held.id, held)
        queue(holding, held, held.partition)
        return false
      })
    },
    crowded: queues.crowded,
    idle: queues.idle,
    entries: () => [...known.values()].map(({ entry }) => entry),
    stuck: () =>
      queues
        .destinations()
        .filter((to) => health.inTrouble(to))
        .reduce<number>((sum, to) => sum + queues.waiting(to), 0),
    drop(entries) {
      for (const { key, epoch, entryId } of entries) {
        const held = known.get(queuedJobId(key, epoch))
        if (held?.entry.entryId === entryId) forget(holding, held)
      }
    },
    dropSealed(waitedMs) {
      const sealed = new Set([...known.values()].map(({ to }) => to).filter(isSecrets))
      for (const to of sealed) leave(queues.waitingSince(to, now() - waitedMs))
    },
    leave(but = 0) {
      const waiting = Map.groupBy([...queues.take(), ...delayed()], ({ partition }) => partition)
      return [...waiting.values()].flatMap((own) => {
        for (const held of own.slice(0, but)) if (held.timer === undefined) queue(holding, held, held.to)
        return leave(own.slice(but))
      })
    },
    stop: () => leave([...queues.empty(), ...delayed()]),
    ended: queues.ended,
  }
}

function fresh(entry: OutboxEntry): Held {
  const partition = partitionOf(entry.key)
  const id = queuedJobId(entry.key, entry.epoch)
  return { entry, id, partition, to: partition, timer: undefined, refusedAt: null, oddly: 0 }
}

function forget({ known, queues }: Holding, held: Held): void {
  clearTimeout(held.timer)
  held.timer = undefined
  queues.remove(held.to, held)
  if (known.get(held.id) === held) known.delete(held.id)
}

function queue({ known, queues }: Holding, held: Held, to: Destination): void {
  held.timer = undefined
  // It may have been dropped while it was under way.
  if (known.get(held.id) !== held) return
  held.to = to
  queues.add(to, held)
}

function queueLater(holding: Holding, held: Held, to: Destination, inMs: number): void {
  if (holding.known.get(held.id) !== held) return
  held.timer = setTimeout(() => queue(holding, held, to), inMs)
}

/** @returns what the attempt shows of the destination that it waited for. */
async function report(holding: Holding, held: Held, to: Destination): Promise<CommandEnd> {
  const { health } = holding.options
  const { partition } = held
  if (to === partition) return attempt(holding, held, { fetching: false })
  const pass = health.enter(partition)
  if (pass === null) {
    queue(holding, held, partition)
    return NOTHING_TOLD
  }
  let shut = false
  const told = await attempt(holding, held, { fetching: true, onShut: () => (shut = true) })
  health.left(pass, told)
  if (!isSecrets(to)) return NOTHING_TOLD
  return shut ? SECRETS_AWAY : { kind: 'through' }
}

/** Makes one attempt and acts on its end. Never rejects. @returns what it shows of the partition */
async function attempt(
  holding: Holding,
  held: Held,
  { fetching, onShut }: { readonly fetching: boolean; readonly onShut?: () => void },
): Promise<CommandEnd> {
  const { parts, options, refusals } = holding
  const beganAt = now()
  try {
    const end = await attemptReport(parts, { entry: held.entry, fetching, last: refusals.isLast(held.id) })
    if ((end.kind === 'closed' || end.kind === 'later') && end.told !== null)
      options.onAnswer(end.told, beganAt)
    if (end.kind === 'shut' && !end.gone) onShut?.()
    return await follow(holding, held, end, beganAt)
  } catch (error) {
    // It stays in the outbox, and is taken over in a minute.
    forget(holding, held)
    parts.events.emit('fault', { where: `reporting job ${held.entry.key}`, error })
    return NOTHING_TOLD
  }
}

async function follow(holding: Holding, held: Held, end: AttemptEnd, beganAt: number): Promise<CommandEnd> {
  const { parts, options, refusals } = holding
  if (end.kind !== 'closed' && options.leaving()) {
    forget(holding, held)
    await parts.outbox.handBack([held.entry])
    return end.kind === 'later' ? end.told : NOTHING_TOLD
  }
  switch (end.kind) {
    case 'closed':
      refusals.forget(held.id)
      forget(holding, held)
      return end.told ?? NOTHING_TOLD
    case 'sealed':
      queue(holding, held, secretsNamed(end.names))
      return NOTHING_TOLD
    case 'unreadable':
      forget(holding, held)
      if (end.left) await parts.outbox.handBack([held.entry])
      return NOTHING_TOLD
    case 'shut':
      refusedAlone(holding, held, held.to, end.gone)
      return NOTHING_TOLD
    case 'later':
      return refused(holding, held, end, beganAt)
  }
}

function refused(
  holding: Holding,
  held: Held,
  { told, failure }: AttemptEnd & { readonly kind: 'later' },
  beganAt: number,
): CommandEnd {
  const { parts, options } = holding
  const { partition, refusedAt } = held
  const repeats = repeatsOf(partition)
  if (told.kind === 'alone') {
    refusedAlone(holding, held, repeats, !failure)
    return told
  }
  // A partition that keeps refusing this outcome, and takes others meanwhile, is not the cause.
  const odd = refusedAt !== null && options.health.throughSince(partition, refusedAt)
  held.refusedAt = beganAt
  held.oddly = odd ? held.oddly + 1 : 0
  if (odd) queueLater(holding, held, repeats, retryDelay(held.oddly, parts.random))
  else queue(holding, held, partition)
  return odd ? NOTHING_TOLD : told
}

/** Refused for a reason of its own. @param forGood - whether such refusals may end in a reported failure */
function refusedAlone(holding: Holding, held: Held, to: Destination, forGood: boolean): void {
  const after = holding.refusals.refused(held.id, forGood)
  if (after.kind === 'again') queueLater(holding, held, to, after.inMs)
  // Another reporter may have what this one lacks: it is free to take it over in a minute.
  else forget(holding, held)
}
