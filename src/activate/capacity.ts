// How many more jobs Quarry may hold. Pure. At zero, activation stops: jobs wait in Zeebe, which is the better place.

export interface Load {
  /** Jobs accepted and not answered, over all adapters. */
  readonly held: number
  /** Outcomes not yet reported to Zeebe. */
  readonly outcomes: number
  /** Bytes of the jobs held and of the outcomes not yet reported. */
  readonly bytes: number
  /** Jobs that this adapter has taken and not accepted yet. */
  readonly arriving: number
}

/** Bounds for all adapters together. */
export interface BacklogBounds {
  /** Jobs held plus outcomes not yet reported. */
  readonly jobs: number
  readonly bytes: number
}

/** How many jobs may still be taken: 0 when the backlog is full. */
export function capacity(load: Load, bounds: BacklogBounds): number {
  if (load.bytes >= bounds.bytes) return 0
  return Math.max(0, bounds.jobs - load.held - load.outcomes - load.arriving)
}

/**
 * The same for the share of a lane. The free part of the byte bound limits it too: otherwise a stuck lane of large jobs would use up all
 * bytes long before it had its share of jobs.
 */
export function sharedRoom(load: Load, bounds: BacklogBounds): number {
  const byBytes = Math.floor((bounds.jobs * (bounds.bytes - load.bytes)) / bounds.bytes)
  return Math.max(0, Math.min(capacity(load, bounds), byBytes))
}

/** A job stream has no flow control: it opens above the first share of free backlog, and closes below the second. */
const STREAM_OPENS_ABOVE = 0.1
const STREAM_STAYS_ABOVE = 0.05

/**
 * Whether there is room for what a stream pushes. The two bounds keep the stream from flapping.
 * @param room - jobs that may be taken, whichever lanes they belong to.
 */
export function streamFits(room: number, maxBacklog: number, isOpen: boolean): boolean {
  return room > maxBacklog * (isOpen ? STREAM_STAYS_ABOVE : STREAM_OPENS_ABOVE)
}

/**
 * How many outcomes count against the backlog. The `stuck` ones wait for a partition that takes no commands while others do: they do
 * not take room from the jobs of the others, up to the size of the whole backlog.
 */
export function countedOutcomes(outcomes: number, stuck: number, bounds: BacklogBounds): number {
  return outcomes - Math.min(outcomes, stuck, bounds.jobs)
}
