// What Node itself warns of, such as a deprecation in a package. By default it writes plain lines between those of the log.
import type { Logger } from 'pino'

/** Node's warnings are lines of the log from now on. */
export function logNodeWarnings(log: Logger): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) =>
    log.warn({ warning: `${name}: ${message}` }, 'warning of Node'),
  )
}
