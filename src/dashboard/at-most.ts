// Limits how much work runs at a time. Further work waits; work beyond the waiting limit is refused.

/** Thrown when neither a running nor a waiting place is free. */
export class BusyError extends Error {
  override readonly name = 'BusyError'

  constructor() {
    super('Too many requests at once: try again in a moment.')
  }
}

/** @throws BusyError before the work begins. */
type AtMost = <T>(work: () => Promise<T>) => Promise<T>

/** @param waiting - how many calls may wait. */
export function makeAtMost({
  running: most,
  waiting: mostWaiting,
}: {
  running: number
  waiting: number
}): AtMost {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= most) {
      if (waiting.length >= mostWaiting) throw new BusyError()
      // The place passes straight to the next waiting call, so that a new call cannot overtake it.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
