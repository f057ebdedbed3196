// Counts the jobs that this process answers, by lane, and adds them up in Redis together: a round trip for each job would tell no more.
import type { LaneName } from '../job/ids.ts'
import type { LaneRegistry } from './lane-registry.ts'

/** Much shorter than the seconds over which adapters measure how fast a lane moves. */
const EVERY_MS = 200

/** @returns counts one job. Only measures how fast a lane moves: a lost count does no harm. */
export function makeAnsweredCounts({
  countAnswered,
}: Pick<LaneRegistry, 'countAnswered'>): (lane: LaneName) => void {
  const counts = new Map<LaneName, number>()
  const send = (): void => {
    for (const [lane, jobs] of counts) void countAnswered(lane, jobs).catch(() => undefined)
    counts.clear()
  }
  return (lane) => {
    if (counts.size === 0) setTimeout(send, EVERY_MS).unref()
    counts.set(lane, (counts.get(lane) ?? 0) + 1)
  }
}
