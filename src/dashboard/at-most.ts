// Work that costs something, so much at a time: what is more waits, and what is more than may wait is refused.

/** Thrown in place of work for which there is no room. */
export class BusyError extends Error {
  override readonly name = 'BusyError'

  constructor() {
    super('Too much is asked for at once.')
  }
}

/** @throws BusyError; the work has not begun then. */
export type AtMost = <T>(work: () => Promise<T>) => Promise<T>

/** @param waiting - how much more may wait for its turn. */
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
      // Whoever ends hands its place over: nobody who comes meanwhile takes it.
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
