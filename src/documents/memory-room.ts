// How much of all documents together this process holds at a time. A job that holds none yet waits until there is
// room; one that holds some is let on, so that no two wait for each other. What is let on may exceed the room by
// what it turned out to be larger than announced.

interface Waiting {
  readonly bytes: number
  enter(): void
}

export class MemoryRoom {
  readonly #bytes: number
  readonly #waiting: Waiting[] = []
  #taken = 0

  /** @param bytes - how much may be held. */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Bytes that are held now. */
  get taken(): number {
    return this.#taken
  }

  /** Waits for its turn and takes that much. Rejects when `signal` is aborted. */
  async enter(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#taken += bytes
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { bytes, enter: resolve }
    const onAbort = (): void => {
      const index = this.#waiting.indexOf(waiting)
      if (index === -1) return
      this.#waiting.splice(index, 1)
      reject(signal.reason)
      this.#admit()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#waiting.push(waiting)
    await promise.finally(() => signal.removeEventListener('abort', onAbort))
  }

  /** Takes that much more without waiting; less than nothing gives back. */
  take(bytes: number): void {
    this.#taken += bytes
    if (bytes < 0) this.#admit()
  }

  #fits(bytes: number): boolean {
    // What is larger than the whole room has it for itself.
    return this.#taken === 0 || this.#taken + bytes <= this.#bytes
  }

  #admit(): void {
    for (
      let first = this.#waiting[0];
      first !== undefined && this.#fits(first.bytes);
      first = this.#waiting[0]
    ) {
      this.#waiting.shift()
      this.#taken += first.bytes
      first.enter()
    }
  }
}
