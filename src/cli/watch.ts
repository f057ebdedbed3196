// `--watch`: shows an answer again and again until Ctrl-C.
import { Option } from 'commander'
import { pause } from '../time/bounded-wait.ts'
import { stopSignal } from './stop-signal.ts'

export interface WatchFlags {
  readonly watch?: true
}

export const WATCH = new Option('-w, --watch', 'again every two seconds, until Ctrl-C')

const EVERY_MS = 2_000
/** To the upper left corner, then everything below it is cleared: without a flicker. */
const TOP = '\u001B[H\u001B[J'
const CLEARED = '\u001B[2J'

/**
 * Writes an answer, with `--watch` every two seconds. On a terminal each takes the place of the one before; elsewhere they follow each other.
 * @param answer - the text to write.
 */
export async function showing({ watch }: WatchFlags, answer: () => Promise<string>): Promise<void> {
  if (!watch) {
    process.stdout.write(await answer())
    return
  }
  const stopping = new AbortController()
  const signal = stopSignal(process)
  void signal.received.then(() => stopping.abort())
  const isTerminal = process.stdout.isTTY
  try {
    for (let isFirst = true; !stopping.signal.aborted; isFirst = false) {
      const text = await answer()
      const before = isTerminal ? `${isFirst ? CLEARED : ''}${TOP}` : ''
      process.stdout.write(`${before}${text}`)
      await pause(EVERY_MS, stopping.signal)
    }
  } finally {
    signal.close()
  }
}
