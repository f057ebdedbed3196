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

/** Share of the backlog that must be free for a job stream to open: it has no flow control of its own. */
const STREAM_OPENS_ABOVE = 0.5
const STREAM_CLOSES_BELOW = 0.2

/** Whether the job stream should be open, given whether it is. The two bounds keep it from flapping. */
export function streamWanted(free: number, maxBacklog: number, isOpen: boolean): boolean {
  return free > maxBacklog * (isOpen ? STREAM_CLOSES_BELOW : STREAM_OPENS_ABOVE)
}
