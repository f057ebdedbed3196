// Parts that are started one after another and stopped together, also when a later one does not start.

interface Part {
  stop(): Promise<void>
}

export interface StartedParts {
  /** Waits until a part has started, and remembers to stop it. */
  keep<Started extends Part>(starting: Promise<Started>): Promise<Started>
  /** Stops all that have started. Never rejects. Idempotent. */
  stop(): Promise<void>
}

export function makeStartedParts(): StartedParts {
  const started: Part[] = []
  return {
    async keep(starting) {
      const part = await starting
      started.push(part)
      return part
    },
    async stop() {
      await Promise.allSettled(started.splice(0).map((part) => part.stop()))
    },
  }
}
