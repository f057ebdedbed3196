// A gate that is open or closed; those who find it closed wait for it.

export interface Gate {
  close(): void
  open(): void
  /** Undefined while the gate is open, else what resolves when it opens. */
  closed(): Promise<void> | undefined
}

/** Makes a gate that is open. */
export function makeGate(): Gate {
  let waiting: PromiseWithResolvers<void> | undefined
  return {
    close() {
      waiting ??= Promise.withResolvers<void>()
    },
    open() {
      waiting?.resolve()
      waiting = undefined
    },
    closed: () => waiting?.promise,
  }
}
