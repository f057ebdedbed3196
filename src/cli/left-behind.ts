// npx starts a command through a shell, and passes SIGTERM to that shell only. A shell that dies of it signals nobody, and
// the command would run on unseen. The command notices by the id of its parent, which changes.
import type { StopSignal } from './stop-signal.ts'

const LOOK_EVERY_MS = 250

/** What `leftBehind` needs of `process`. */
export interface Child {
  readonly env: NodeJS.ProcessEnv
  readonly ppid: number
}

/** Resolves when the shell that npx made for this process is gone; never for a process that npx did not start. */
export function leftBehind(child: Child): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>()
  const parent = child.ppid
  const byNpx = child.env['npm_lifecycle_event'] === 'npx'
  const look = (): void => {
    if (child.ppid !== parent) resolve()
  }
  const timer = byNpx ? setInterval(look, LOOK_EVERY_MS) : undefined
  return { received: promise, close: () => clearInterval(timer) }
}
