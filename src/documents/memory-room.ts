// Bounds the bytes of all documents that this process holds. Each job with documents has a share, and waits for room in the order in
// which the jobs came. The first job never waits, so no two jobs wait for each other; what is held exceeds the room by at most the
// documents of that one job.

/** What one job holds of the room. */
export interface Share {
  readonly bytes: number
}

class OpenShare implements Share {
  bytes = 0
  wanted: { readonly bytes: number; granted(): void } | null = null
}

export class MemoryRoom {
  readonly #bytes: number
  /** In the order in which they came. */
  readonly #shares = new Set<OpenShare>()
  #taken = 0

  /** @param bytes - how much may be held. */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Bytes held now. */
  get taken(): number {
    return this.#taken
  }

  /** Waits for room for a new share. Rejects when `signal` is aborted. */
  async enter(bytes: number, signal: AbortSignal): Promise<Share> {
    const share = new OpenShare()
    this.#shares.add(share)
    try {
      await this.grow(share, bytes, signal)
      return share
    } catch (error) {
      this.leave(share)
      throw error
    }
  }

  /** Grows a share to `bytes`, unless it would have to wait. @returns whether it has that size. */
  tryGrow(share: Share, bytes: number): boolean {
    const open = this.#open(share)
    if (bytes <= open.bytes) return true
    const isAnyoneWaiting = this.#shares.values().some(({ wanted }) => wanted !== null)
    if (!this.#isFirst(open) && (isAnyoneWaiting || !this.#fits(bytes - open.bytes))) return false
    this.#set(open, bytes)
    return true
  }

  /** Waits until a share may grow to `bytes`. Rejects when `signal` is aborted. */
  async grow(share: Share, bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.tryGrow(share, bytes)) return
    const open = this.#open(share)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    open.wanted = { bytes, granted: resolve }
    const onAbort = (): void => {
      open.wanted = null
      reject(signal.reason)
      this.#admit()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', onAbort))
  }

  /** Gives back what a share has beyond `bytes`. */
  shrink(share: Share, bytes: number): void {
    const open = this.#open(share)
    if (bytes < open.bytes) this.#set(open, bytes)
    this.#admit()
  }

  /** Gives back a whole share. Idempotent. */
  leave(share: Share): void {
    const open = this.#open(share)
    this.#set(open, 0)
    this.#shares.delete(open)
    this.#admit()
  }

  #open(share: Share): OpenShare {
    if (!(share instanceof OpenShare)) throw new TypeError('Not a share of this room')
    return share
  }

  #isFirst(share: OpenShare): boolean {
    return this.#shares.values().next().value === share
  }

  #fits(more: number): boolean {
    return this.#taken + more <= this.#bytes
  }

  #set(share: OpenShare, bytes: number): void {
    this.#taken += bytes - share.bytes
    share.bytes = bytes
  }

  #admit(): void {
    for (const share of this.#shares) {
      const { wanted } = share
      if (wanted === null) continue
      if (!this.#isFirst(share) && !this.#fits(wanted.bytes - share.bytes)) return
      share.wanted = null
      this.#set(share, wanted.bytes)
      wanted.granted()
    }
  }
}
