// Warnings of Node itself, such as a deprecation in a package. By default Node writes them as plain lines between the log lines.
import type { Logger } from 'pino'

/** Writes Node's warnings to the log from now on. */
export function logNodeWarnings(log: Logger): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) =>
    log.warn({ warning: `${name}: ${message}` }, 'warning of Node'),
  )
}
