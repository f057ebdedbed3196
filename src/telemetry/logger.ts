// Log lines from events: one phrase a line, data in fields. JSON unless a person is reading.
import { type Logger, pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'
import type { Events } from './events.ts'

export interface LogSettings {
  readonly level: string
  readonly format: 'json' | 'pretty' | 'auto'
}

/** @returns a logger on standard output; readable when that is a terminal, JSON otherwise, unless told. */
export function makeLogger(settings: LogSettings): Logger {
  const readable = settings.format === 'pretty' || (settings.format === 'auto' && process.stdout.isTTY)
  const options = { level: settings.level, base: null, timestamp: stdTimeFunctions.isoTime }
  return readable ? pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l' })) : pino(options)
}

/** Writes events to the log. Traffic is `debug`, what an operator may want to know is `info` and above. */
export function logEvents(events: Events, log: Logger): void {
  events.on('activated', (data) => log.debug(data, 'jobs activated'))
  events.on('activationFailed', (data) => log.warn(data, 'activation failed, trying again'))
  events.on('accepted', (data) => log.debug(data, 'job accepted'))
  events.on('laneOpened', (data) => log.info(data, 'lane opened'))
  events.on('laneClosed', (data) => log.info(data, 'lane closed'))
  events.on('called', (data) => log.debug(data, 'call ended'))
  events.on('deferred', (data) => log.debug(data, 'job deferred'))
  events.on('answered', (data) => {
    if (data.outcome === 'failed') log.info(data, 'job failed')
    else log.debug(data, 'job answered')
  })
  events.on('expired', (data) => log.warn(data, 'job waited too long'))
  events.on('reported', (data) => {
    if (data.result === 'accepted') log.debug(data, 'outcome reported')
    else log.info(data, 'outcome not wanted any more')
  })
  events.on('reportDelayed', (data) => log.warn(data, 'report delayed, trying again'))
  events.on('jobFault', ({ error, ...data }) => log.error({ ...data, err: error }, 'job set aside'))
  events.on('dependency', (data) => {
    if (data.up) log.info(data, 'dependency is there')
    else log.warn(data, 'dependency is away, trying again')
  })
  events.on('fault', ({ where, error }) => log.error({ where, err: error }, 'fault'))
}
