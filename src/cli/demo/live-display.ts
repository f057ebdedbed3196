// The demo's progress: on a terminal one line per lane, rewritten in place; elsewhere a line every few seconds.
import type { LaneTally, Tally } from './tally.ts'

interface LiveDisplay {
  stop(): void
}

const REDRAW_MS = 200
const LINE_MS = 3_000

/** @param progress instances completed so far, and how many there are. */
export function startDisplay(
  stream: NodeJS.WriteStream,
  tally: Tally,
  progress: () => { completed: number; instances: number },
): LiveDisplay {
  let drawn = 0
  const draw = (): void => {
    const { completed, instances } = progress()
    const lines = [
      ...[...tally.lanes.values()].map(laneLine),
      `  ${bar(completed, instances)} ${completed} of ${instances} instances`,
    ]
    stream.write(
      `${drawn > 0 ? `\u001b[${drawn}A` : ''}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`,
    )
    drawn = lines.length
  }
  const print = (): void => {
    const { completed, instances } = progress()
    stream.write(
      `  ${completed} of ${instances} instances; calls ${tally.total('calls')}, throttled ${tally.total('throttled')}\n`,
    )
  }
  const show = stream.isTTY ? draw : print
  const timer = setInterval(show, stream.isTTY ? REDRAW_MS : LINE_MS)
  return {
    stop() {
      clearInterval(timer)
      show()
    },
  }
}

function laneLine(lane: LaneTally): string {
  const waiting = lane.accepted - lane.answered - lane.inFlight
  const name = `${lane.region} ${lane.model}`.padEnd(38)
  return `  ${name} waiting ${pad(waiting)}  in flight ${pad(lane.inFlight)}  answered ${pad(lane.answered)}  throttled ${pad(lane.throttled)}`
}

function pad(count: number): string {
  return String(count).padStart(4)
}

function bar(done: number, all: number): string {
  const full = Math.round((30 * done) / Math.max(1, all))
  return `${'█'.repeat(full)}${'░'.repeat(30 - full)}`
}
