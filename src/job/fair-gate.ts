// Admits a few at a time to work of which there may be much. Tenants and processes take turns for the places.
import { FairQueue, type WorkOwner } from './fair-queue.ts'

/** Gives the place back. Idempotent. */
export type LeaveGate = () => void

export class FairGate {
  readonly #waiting = new FairQueue<(leave: LeaveGate) => void>()
  #free: number

  constructor(places: number) {
    this.#free = places
  }

  /** Waits for a place. Rejects when `signal` is aborted first. */
  async enter(owner: WorkOwner, signal: AbortSignal): Promise<LeaveGate> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<LeaveGate>()
    const onAbort = (): void => {
      // If it has a place already, it gets it and must leave it.
      if (this.#waiting.remove(owner, resolve)) reject(signal.reason)
    }
    this.#waiting.add(owner, resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    this.#admit()
    return promise.finally(() => signal.removeEventListener('abort', onAbort))
  }

  #admit(): void {
    while (this.#free > 0) {
      const enter = this.#waiting.take()
      if (enter === undefined) return
      this.#free -= 1
      let left = false
      enter(() => {
        if (left) return
        left = true
        this.#free += 1
        this.#admit()
      })
    }
  }
}
