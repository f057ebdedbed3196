// Emits which partitions of Zeebe refuse commands, and when they accept them again.
import type { Events, QuarryEvents } from './events.ts'

/** Listeners for the health of destinations; destinations other than partitions are left out. */
export function tellOfPartitions(events: Events, of: QuarryEvents['partitionAway'][0]['of']) {
  return {
    onAway(to: number | string, { status, message }: { readonly status: string; readonly message: string }) {
      if (typeof to === 'number') events.emit('partitionAway', { partition: to, of, status, message })
    },
    onBack(to: number | string, awayMs: number) {
      if (typeof to === 'number') events.emit('partitionBack', { partition: to, of, awayMs })
    },
  }
}
