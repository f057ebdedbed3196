// The last 15 minutes of each lane, in memory, for its charts. No I/O.
import type { LaneOverview } from '../control/lane-overview.ts'
import type { LaneName } from '../job/ids.ts'

export const SAMPLE_EVERY_MS = 5_000
const KEPT = 180
const LATELY_MS = 60_000

/** One value for each sample, the newest last; null where the lane did not exist. */
export interface LaneSeries {
  /** Jobs that wait or are delayed. */
  readonly waiting: readonly (number | null)[]
  /** Requests per minute. */
  readonly pace: readonly (number | null)[]
  /** Throttles since the sample before. */
  readonly throttles: readonly (number | null)[]
}

export interface History {
  readonly everyMs: number
  /** When the newest sample was taken, ms since the epoch; null before the first. */
  readonly atMs: number | null
  readonly lanes: Readonly<Record<string, LaneSeries>>
}

interface LaneHistory {
  add(lanes: readonly LaneOverview[], nowMs: number): void
  /** Total throttles of a lane a minute ago, or when it was first sampled; null before. */
  throttlesBefore(lane: LaneName, nowMs: number): number | null
  read(): History
}

interface Sample {
  readonly atMs: number
  readonly lanes: ReadonlyMap<LaneName, { waiting: number; pace: number | null; throttles: number }>
}

export function makeLaneHistory(): LaneHistory {
  const samples: Sample[] = []
  /** Built once for each sample, for all pages. */
  let made: History | null = null
  return {
    add(lanes, nowMs) {
      made = null
      const seen = lanes.map(({ name, waiting, delayed, pace }) => {
        const { requestsPerMinute, throttles } = pace
        return [name, { waiting: waiting + delayed, pace: rounded(requestsPerMinute), throttles }] as const
      })
      samples.push({ atMs: nowMs, lanes: new Map(seen) })
      if (samples.length > KEPT) samples.shift()
    },
    throttlesBefore(lane, nowMs) {
      const known = samples.filter(({ lanes }) => lanes.has(lane))
      const sample = known.findLast(({ atMs }) => atMs <= nowMs - LATELY_MS) ?? known[0]
      return sample?.lanes.get(lane)?.throttles ?? null
    },
    read() {
      made ??= historyOf(samples)
      return made
    },
  }
}

function historyOf(samples: readonly Sample[]): History {
  const names = new Set(samples.flatMap(({ lanes }) => [...lanes.keys()]))
  return {
    everyMs: SAMPLE_EVERY_MS,
    atMs: samples.at(-1)?.atMs ?? null,
    lanes: Object.fromEntries([...names].sort().map((name) => [name, seriesOf(name, samples)])),
  }
}

function seriesOf(name: LaneName, samples: readonly Sample[]): LaneSeries {
  const of = samples.map(({ lanes }) => lanes.get(name) ?? null)
  return {
    waiting: of.map((seen) => seen?.waiting ?? null),
    pace: of.map((seen) => seen?.pace ?? null),
    throttles: of.map((seen, index) => {
      if (seen === null) return null
      const before = of[index - 1]?.throttles ?? seen.throttles
      return Math.max(0, seen.throttles - before)
    }),
  }
}

function rounded(pace: number | null): number | null {
  return pace === null ? null : Math.round(pace * 10) / 10
}
