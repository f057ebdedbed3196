// Says on a terminal what a start is waiting for. Knows nothing of engines or downloads.

/** Says what is going on while one waits: a line for start-up and downloads. */
export interface Progress {
  /** Begins a step. */
  step(text: string): void
  /** Replaces the current line on a terminal; elsewhere it is a line of its own now and then. */
  update(text: string): void
  /** Ends a step. */
  done(text: string): void
}

/** Says nothing. */
export const silentProgress: Progress = { step() {}, update() {}, done() {} }

/** What progress is written to: `process.stderr`, say. */
export interface TextStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const UPDATE_LINE_EVERY_MS = 5_000
const CLEAR_LINE = '\r\u001b[K'

/**
 * Writes to a stream. A terminal sees one line that is rewritten; a file or a pipe sees plain lines, updates
 * at most every 5 s.
 * @param stream the stream to write to; standard error unless told, so that standard output stays clean.
 */
export function terminalProgress(stream: TextStream = process.stderr): Progress {
  return stream.isTTY ? rewritingProgress(stream) : plainProgress(stream)
}

function rewritingProgress(stream: TextStream): Progress {
  const show = (text: string) => stream.write(CLEAR_LINE + text.slice(0, (stream.columns ?? 80) - 1))
  return {
    step: show,
    update: show,
    done: (text) => stream.write(`${CLEAR_LINE}${text}\n`),
  }
}

function plainProgress(stream: TextStream): Progress {
  let writtenAtMs = Number.NEGATIVE_INFINITY
  const write = (text: string) => {
    writtenAtMs = performance.now()
    stream.write(`${text}\n`)
  }
  return {
    step: write,
    update(text) {
      if (performance.now() - writtenAtMs >= UPDATE_LINE_EVERY_MS) write(text)
    },
    done: write,
  }
}
