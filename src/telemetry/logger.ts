// Log lines from events: one constant phrase for each line, data in fields. JSON, except on a terminal.
import { type Logger, pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import { readTraceParent } from '../job/trace-parent.ts'
import type { Events } from './events.ts'
import { isLostConnection, isRefusedByRedis } from './redis-trouble.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'

interface LogSettings {
  readonly level: string
  readonly format: 'json' | 'pretty' | 'auto'
}

/**
 * @returns a logger on standard output: readable on a terminal, JSON otherwise, unless set. Lines of traced work have the ids of
 * trace and span.
 */
export function makeLogger(settings: LogSettings, tracing: Tracing = NO_TRACING): Logger {
  const readable = settings.format === 'pretty' || (settings.format === 'auto' && process.stdout.isTTY)
  const mixin = () => ids(tracing)
  const options = {
    level: settings.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    ...(tracing.on ? { mixin } : {}),
  }
  return readable ? pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l' })) : pino(options)
}

/**
 * Writes warnings of Node itself, such as a deprecation in a package, to the log from now on. By default Node writes them as plain lines
 * between the log lines.
 */
export function logNodeWarnings(log: Logger): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) =>
    log.warn({ warning: `${name}: ${message}` }, 'warning of Node'),
  )
}

function ids(tracing: Tracing): { traceId?: string; spanId?: string } {
  const place = readTraceParent(tracing.current().place)
  return place === null ? {} : { traceId: place.traceId, spanId: place.spanId }
}

/**
 * An error for the log. Its other fields are left out: clients store requests there, and a Redis command contains whole payloads.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name: type, message, stack, cause } = error
  return {
    type,
    message,
    ...('code' in error ? { code: error.code } : {}),
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  }
}

/** One line for each kind of trouble with Zeebe in this time: during an outage every job and try reports it. */
const SAME_TROUBLE_MS = 10_000

/** Advice for a lane whose jobs go back to Zeebe. */
const ADVICE = {
  paused: 'an operator paused it: quarry resume',
  draining: 'an operator drains it: quarry resume',
  outage: 'it cannot reach Bedrock: see the line that says why',
  full: 'it gets more jobs than it can run: check its quota and the workers of its region, or raise QUARRY_MAX_BACKLOG',
} as const

/** Writes events to the log. Traffic is `debug`; `info` and above is for operators. */
export function logEvents(events: Events, log: Logger, now = performance.now.bind(performance)): void {
  logRules(events, log)
  logLanes(events, log)
  const away = new Set<string>()
  const loggedAt = new Map<string, number>()
  // While Zeebe is known to be down, the line of the dependency watch is enough.
  const troubleLevel = (kind: string): 'warn' | 'debug' => {
    const logged = loggedAt.get(kind)
    if (away.has('zeebe') || (logged !== undefined && now() - logged < SAME_TROUBLE_MS)) return 'debug'
    loggedAt.set(kind, now())
    return 'warn'
  }
  logParts(events, log, away)
  logTraced(events, log, troubleLevel)
  logReports(events, log, troubleLevel)
  events.on('activated', (data) => log.debug(data, 'jobs activated'))
  events.on('activationFailed', (data) =>
    log[troubleLevel(`activation ${data.status}`)](data, 'activation failed, trying again'),
  )
  events.on('accepted', (data) => log.debug(data, 'job accepted'))
  events.on('priorityUnread', (data) =>
    log[troubleLevel(`priority ${data.processId} ${data.elementId}`)](
      data,
      'quarry.priority not understood, job runs as normal: name low, normal, high, urgent, or a number above 0 up to 1000',
    ),
  )
  events.on('leaseRefused', ({ kept, ...data }) =>
    log[troubleLevel(`lease ${data.status}`)](data, kept ? 'job keeps its first lease' : 'job dropped'),
  )
  events.on('leaseDelayed', (data) =>
    log[troubleLevel(`extend ${data.status}`)](data, 'lease not extended, trying again'),
  )
  events.on('leaseLost', (data) => log.info(data, 'lease lost'))
  events.on('withdrawn', (data) => log.info(data, 'job withdrawn'))
  events.on('returned', (data) => log.debug(data, 'job returned'))
  events.on('orphaned', (data) => log.warn(data, 'job started again, its worker died'))
  events.on('quarantined', (data) => log.error(data, 'job quarantined'))
  events.on('moved', (data) => log.info(data, 'job moved to its lane'))
  events.on('startSkipped', (data) => log.debug(data, 'job not executed again'))
  events.on('loopHeld', (data) =>
    log.warn(
      data,
      data.jobKey === undefined
        ? 'process stood still: check its CPU and memory, and what else runs on the machine'
        : 'process stood still while it worked on one job: make the job smaller, or its process',
    ),
  )
  logCalls(events, log)
  events.on('answered', (data) => {
    // Without retries it is an incident, which somebody must resolve.
    if (data.outcome === 'failed') log[data.retriesLeft === 0 ? 'warn' : 'info'](data, 'job failed')
    else log.debug(data, 'job answered')
  })
  events.on('expired', (data) => log.warn(data, 'job waited too long'))
  events.on('redisInspected', ({ refusals, warnings, ...data }) => {
    log.info(data, 'redis inspected')
    for (const warning of warnings) log.warn({ warning }, 'redis may lose jobs')
    for (const refusal of refusals) log.error({ refusal }, 'redis refused')
  })
  logFaults(events, log)
}

/** While Redis is down or refuses writes, the line of the dependency watch is enough. */
function logFaults(events: Events, log: Logger): void {
  events.on('jobFault', ({ error, ...data }) =>
    log[isRefusedByRedis(error) ? 'debug' : 'error']({ ...data, err: error }, 'job set aside'),
  )
  events.on('fault', ({ where, error }) =>
    log[isLostConnection(error) || isRefusedByRedis(error) ? 'debug' : 'error'](
      { where, err: error },
      'fault',
    ),
  )
}

function logCalls(events: Events, log: Logger): void {
  events.on('called', (data) => log.debug(data, 'call ended'))
  events.on('callCut', (data) =>
    log.warn(data, 'call cut at the end of QUARRY_SHUTDOWN_GRACE: it is made again, and may be paid twice'),
  )
  events.on('deferred', (data) => log.debug(data, 'job deferred'))
}

const OTHER_LINE = {
  gateway:
    'the gateway is of another line than this installation follows. Nothing changes until QUARRY_COMPATIBILITY names that line: see docs/migration.md',
  installation:
    'other processes follow another line of the connector: give all processes the same QUARRY_COMPATIBILITY, and restart this one',
} as const

/** The dependencies of this process. */
function logParts(events: Events, log: Logger, away: Set<string>): void {
  events.on('dependency', (data) => {
    if (data.up) away.delete(data.name)
    else away.add(data.name)
    const [there, gone] =
      data.name === 'payloads'
        ? ['payloads can be read', 'payload key is missing']
        : ['dependency is there', 'dependency is away, trying again']
    if (data.up) log.info(data, there)
    else log.warn(data, gone)
  })
  events.on('lineKnown', (data) => log.info(data, 'line of the connector runtime'))
  events.on('lineOther', ({ of, ...data }) => log.warn(data, OTHER_LINE[of]))
  events.on('payloadUnread', (data) => log.debug(data, 'payload cannot be read here'))
  logRefused(events, log)
}

/** One line for each reason in this time: a refused payload is read again every minute. */
const SAME_REFUSAL_MS = 600_000

function logRefused(events: Events, log: Logger, now = performance.now.bind(performance)): void {
  const loggedAt = new Map<string, number>()
  events.on('payloadRefused', (data) => {
    const logged = loggedAt.get(data.why)
    const isLogged = logged !== undefined && now() - logged < SAME_REFUSAL_MS
    if (!isLogged) loggedAt.set(data.why, now())
    log[isLogged ? 'debug' : 'error'](data, 'payload refused, its job is set aside')
  })
}

/** The lanes of this process. An outage is logged when it begins and ends; its calls are `debug`. */
function logLanes(events: Events, log: Logger): void {
  const named = (lane: LaneName) => {
    const { region, model } = parseLaneName(lane)
    return { lane, region, model }
  }
  events.on('laneOpened', (data) => log.info(data, 'lane opened'))
  events.on('laneClosed', (data) => log.info(data, 'lane closed'))
  events.on('outageBegan', ({ lane, why }) =>
    log.warn({ ...named(lane), why }, 'outage began, the jobs of this lane wait for its end'),
  )
  events.on('lanesFull', (data) =>
    log.warn(data, 'QUARRY_MAX_LANES is reached: jobs of further lanes wait in Zeebe'),
  )
  events.on('laneStuck', ({ lane, ...data }) =>
    log.warn(
      { ...named(lane), ...data, advice: ADVICE[data.why] },
      'jobs of a lane go back to Zeebe until it has room',
    ),
  )
  events.on('laneUnstuck', ({ lane, lastedMs }) =>
    log.info({ ...named(lane), lastedMs }, 'jobs of a lane no longer go back to Zeebe'),
  )
  events.on('outageEnded', ({ lane, lastedMs }) => log.info({ ...named(lane), lastedMs }, 'outage ended'))
}

/** Reports to Zeebe, and partitions that refuse them. */
function logReports(events: Events, log: Logger, troubleLevel: (kind: string) => 'warn' | 'debug'): void {
  events.on('reported', (data) => {
    if (data.result === 'accepted') log.debug(data, 'outcome reported')
    else log.info(data, 'outcome no longer needed')
  })
  events.on('reportDelayed', (data) =>
    log[troubleLevel(`report ${data.status}`)](data, 'report delayed, trying again'),
  )
  events.on('partitionAway', (data) =>
    log[troubleLevel(`partition ${data.partition} ${data.of}`)](
      data,
      'Zeebe partition refuses commands, the other partitions continue',
    ),
  )
  events.on('partitionBack', (data) => log.info(data, 'Zeebe partition takes commands again'))
}

/** Rules, changes by operators, and their effects. */
function logRules(events: Events, log: Logger): void {
  events.on('laneRuleUnfit', (data) =>
    log.warn(data, 'a rule of the lanes file matches no lane: check its account, region and model'),
  )
  events.on('accountsAway', (data) =>
    log.warn(data, 'AWS STS cannot be reached: until it answers, each access key has lanes of its own'),
  )
  events.on('credentialFailing', (data) =>
    log.warn(data, 'AWS credentials that a task or the lanes file names cannot be had: their jobs wait'),
  )
  events.on('laneRulesLoaded', (data) => log.info(data, 'lane rules loaded'))
  events.on('laneRulesRefused', (data) => log.error(data, 'lane rules refused, the last good ones stay'))
  events.on('lanesChanged', (data) => log.info(data, 'lanes changed'))
  events.on('dashboardLocked', (data) => log.warn(data, 'dashboard lets nobody in'))
  events.on('dashboardForwarded', (data) =>
    log.warn(data, 'dashboard is reached through a proxy that is not trusted'),
  )
  events.on('dashboardOpen', (data) => log.warn(data, 'dashboard lets everybody in'))
  events.on('jobRetried', (data) => log.info(data, 'job retried'))
  events.on('incidentRetried', (data) => log.info(data, 'incident of a job retried'))
  events.on('budgetPassed', ({ percent, untilMs, ...data }) =>
    log.warn(
      { ...data, percent, until: new Date(untilMs).toISOString() },
      percent === 100 ? 'budget used up' : 'budget nearly used up',
    ),
  )
  events.on('budgetUnpriced', ({ counts, ...data }) => log.warn(data, UNPRICED[counts]))
}

const UNPRICED = {
  nothing: 'model has no price, its calls count nothing in budgets in dollars',
  unpriced: 'model has no price, its calls count by `unpriced` of the lanes file',
  refused: 'model has no price, it is not called for jobs that count to a budget in dollars',
}

function logTraced(events: Events, log: Logger, troubleLevel: (kind: string) => 'warn' | 'debug'): void {
  events.on('paced', (data) => log.trace(data, 'call waited for its turn'))
  events.on('spansLost', (data) =>
    log[troubleLevel('spans')](data, 'spans not delivered, jobs go on: check OTEL_EXPORTER_OTLP_ENDPOINT'),
  )
}
