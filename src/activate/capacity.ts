// How many more jobs may be held. Pure. Zeebe is the better place to wait: activation stops when it is zero.

export interface Load {
  /** Jobs accepted and not answered, of all adapters. */
  readonly held: number
  /** Outcomes that Zeebe has not been told. */
  readonly outcomes: number
  /** Size of jobs held and outcomes waiting, in bytes. */
  readonly bytes: number
  /** Jobs that this adapter has taken and not accepted yet. */
  readonly arriving: number
}

/** What may be held, of all adapters together. */
export interface BacklogBounds {
  /** Jobs held and outcomes waiting. */
  readonly jobs: number
  readonly bytes: number
}

/** Jobs that may still be taken, 0 when the backlog is full. */
export function capacity(load: Load, bounds: BacklogBounds): number {
  if (load.bytes >= bounds.bytes) return 0
  return Math.max(0, bounds.jobs - load.held - load.outcomes - load.arriving)
}

/**
 * The same for the share of one lane: bytes count as the part of the jobs that they are of their own bound. Otherwise a
 * stuck lane of large jobs would use up the bytes of all long before it had its share of jobs.
 */
export function sharedRoom(load: Load, bounds: BacklogBounds): number {
  const byBytes = Math.floor((bounds.jobs * (bounds.bytes - load.bytes)) / bounds.bytes)
  return Math.max(0, Math.min(capacity(load, bounds), byBytes))
}

/** Share of the backlog that must fit for a job stream to open, and to stay open: it has no flow control of its own. */
const STREAM_OPENS_ABOVE = 0.1
const STREAM_STAYS_ABOVE = 0.05

/**
 * Whether there is room for what a job stream brings unasked, given whether it is open. The two bounds keep it from
 * flapping.
 * @param room - jobs that may be taken, whichever lanes they are of.
 */
export function streamFits(room: number, maxBacklog: number, isOpen: boolean): boolean {
  return room > maxBacklog * (isOpen ? STREAM_STAYS_ABOVE : STREAM_OPENS_ABOVE)
}

/**
 * How many outcomes count, where `stuck` of them wait for a partition that takes none while others do: these leave room for the
 * jobs of the others, up to as much as may be held in all.
 */
export function countedOutcomes(outcomes: number, stuck: number, bounds: BacklogBounds): number {
  return outcomes - Math.min(outcomes, stuck, bounds.jobs)
}
