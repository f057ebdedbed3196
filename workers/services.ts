// The services of a role as a list, which reads as what the role does again and again.
import type { Events } from '../src/telemetry/events.ts'
import type { Service } from '../src/time/service.ts'

/** A service, or a part that has several. */
export interface Running {
  /** What it does, for a person: "extending leases". */
  readonly name: string
  /** Idempotent. May reject, as when Redis refuses a command: it is then called again. */
  start(): void | Promise<void>
  /** Idempotent, fine before a start, and bounded: by itself, or by `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/** The services of a role. */
interface ServiceList {
  /** May reject, and is then called again. */
  start(): Promise<void>
  /** Never rejects. */
  stop(graceMs: number): Promise<void>
}

/** Services that end at once. */
export function together(name: string, services: readonly Service[]): Service {
  return {
    name,
    start() {
      for (const service of services) service.start()
    },
    async stop() {
      await Promise.all(services.map((service) => service.stop()))
    },
  }
}

/**
 * Services that start in this order, and end in the reverse order, one when the other has: what is later in the list may use what
 * is earlier until its own end. They have `graceMs` in all.
 */
export function inOrder(services: readonly Running[], events: Events): ServiceList {
  return {
    async start() {
      for (const service of services) await service.start()
    },
    async stop(graceMs) {
      const deadline = performance.now() + graceMs
      for (const service of services.toReversed()) {
        await service.stop(Math.max(0, deadline - performance.now())).catch((error: unknown) => {
          // The others must end all the same.
          events.emit('fault', { where: `stopping: ${service.name}`, error })
        })
      }
    },
  }
}
