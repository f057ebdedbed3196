// The pace of lanes whose workers share none yet.
import type { ReadPace } from './lane-overview.ts'

export const unknownPace: ReadPace = async () => ({
  requestsPerMinute: null,
  throttles: 0,
  cooldownMs: 0,
  concurrency: null,
})
