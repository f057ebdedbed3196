// What a command writes has to reach its reader before the process ends: a pipe takes 64 KB at once, and what waits for its
// reader is lost at the exit.
import type { Writable } from 'node:stream'

export interface OutputWatch {
  /**
   * Resolves when all that was written is taken, or never will be.
   * @returns why it was not taken; null when it was, and when its reader has left (`| head`), which is no fault.
   */
  taken(): Promise<Error | null>
}

/** Begins before anything is written: a stream that fails unwatched ends the process with a stack. */
export function watchOutput(stream: Writable): OutputWatch {
  let failure: NodeJS.ErrnoException | null = null
  stream.on('error', (error) => {
    failure ??= error
  })
  return {
    async taken() {
      // What is written earlier is taken earlier.
      await new Promise<void>((resolve) => stream.write('', () => resolve()))
      return failure?.code === 'EPIPE' ? null : failure
    },
  }
}
