// Waits until a command's output has reached its reader: a pipe takes 64 KB at once, and the rest would be lost when the
// process exits.
import type { Writable } from 'node:stream'

interface OutputWatch {
  /**
   * Resolves when the reader has taken all output, or never will.
   * @returns why it did not; null when it did, or closed the pipe (`| head`), which is no fault.
   */
  taken(): Promise<Error | null>
}

/** Call it before the first write: a stream error without a listener ends the process with a stack. */
export function watchOutput(stream: Writable): OutputWatch {
  let failure: NodeJS.ErrnoException | null = null
  stream.on('error', (error) => {
    failure ??= error
  })
  return {
    async taken() {
      // Writes are taken in order, so this one is the last.
      await new Promise<void>((resolve) => stream.write('', () => resolve()))
      return failure?.code === 'EPIPE' ? null : failure
    },
  }
}
