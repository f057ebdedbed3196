// The roles of one process: all three for small installs and the demo, any of them on Kubernetes.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { hostname } from 'node:os'
import type { Settings } from '../src/settings/settings.ts'
import { makeDependencyWatch } from '../src/telemetry/dependency-watch.ts'
import { type Events, makeEvents } from '../src/telemetry/events.ts'
import { startHttpServer } from '../src/telemetry/http-server.ts'
import { logEvents, makeLogger } from '../src/telemetry/logger.ts'
import { watchLoop } from '../src/telemetry/loop-work.ts'
import { showPayloads } from '../src/telemetry/metrics.ts'
import { traceEvents } from '../src/telemetry/trace-events.ts'
import { followLanes, processMetrics } from './process-metrics.ts'
import { makeProcessParts, type ProcessParts, type Role } from './role.ts'
import { startAll, stopRoles } from './role-life.ts'
import { untilRedisIsFit } from './start-gate.ts'
import { safetyOf, tellNotices } from './start-notices.ts'
import { startTracing } from './tracing.ts'

/** A process only loads the code of its own roles: the rest would cost memory and time to start. */
const MAKERS: Readonly<Record<Settings['roles'][number], () => Promise<(parts: ProcessParts) => Role>>> = {
  adapter: async () => (await import('./adapter.ts')).makeAdapter,
  bedrock: async () => (await import('./bedrock.ts')).makeBedrock,
  ops: async () => (await import('./ops.ts')).makeOps,
}

/** A running process. */
export interface RunningProcess {
  /** Where health and metrics are served, `http://host:port`. */
  readonly url: string
  readonly events: Events
  /** Whether every dependency of its roles answers, and the process is not stopping. */
  ready(): boolean
  /** Resolves with the reason when Redis is there and must not be used: the roles have not started and never will. */
  readonly refused: Promise<Error>
  /** Stops taking work, finishes what runs within the grace period, hands back the rest. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts the roles that the settings name. Resolves once health is served: Redis and Zeebe may still be away then, and readiness is
 * false until they answer.
 * @throws Error when the address for health and metrics cannot be listened on.
 */
export async function startRoles(settings: Settings): Promise<RunningProcess> {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string }
  const events = makeEvents()
  const name = `${hostname()}-${randomUUID().slice(0, 8)}`
  const tracing = await startTracing(settings, { name, version }, events)
  const log = makeLogger(settings.log, tracing)
  logEvents(events, log)
  const endpoint = settings.aws.bedrockEndpoint
  traceEvents(events, tracing, endpoint && new URL(endpoint).host)
  const { metrics, keepLanes } = processMetrics(settings, events, version)
  const parts = makeProcessParts(settings, { name, events, metrics, tracing })
  const roles = (await Promise.all(settings.roles.map((role) => MAKERS[role]()))).map((make) => make(parts))
  const needs = new Map(roles.flatMap((role) => role.needs).map((check) => [check.name, check]))
  const watch = makeDependencyWatch([...needs.values()], events)
  // The ops role puts no payloads into Redis, and needs no key.
  const payloads = settings.roles.some((role) => role !== 'ops') ? parts.codec : undefined
  if (payloads !== undefined) showPayloads(metrics, payloads)
  const about = { version, roles: settings.roles, payloadsEncrypted: payloads?.encrypts }
  const safety = () => safetyOf(settings, parts.line.current(), payloads && parts.refused())
  let started = false
  let stopping: Promise<void> | undefined
  const ready = () => started && stopping === undefined && watch.ready()
  const server = await startHttpServer({
    ...settings.server,
    ready,
    checks: watch.states,
    onFault: (error) => events.emit('fault', { where: 'serving health and metrics', error }),
    metrics: () => metrics.metrics(),
    about: () => Object.assign({ ...about, ...safety() }, ...roles.map((role) => role.about?.())),
    pages: roles.find(({ pages }) => pages !== undefined)?.pages,
  }).catch(async (error: unknown) => {
    await stopRoles(roles, parts, 0)
    throw error
  })
  log.info(
    { ...about, url: server.url, jobType: settings.jobType, regions: settings.regions ?? 'all' },
    'quarry started',
  )
  tellNotices(log, settings, { events, payloads })
  const followed = [watchLoop(events), watch, parts.laneRules, followLanes(parts, keepLanes)]
  for (const service of followed) service.start()
  const starting = new AbortController()
  const refused = Promise.withResolvers<Error>()
  void untilRedisIsFit(parts, starting.signal)
    .then(async (fit) => {
      if (fit && payloads !== undefined) for (const service of parts.agreements) service.start()
      started = fit && (await startAll(roles, events, starting.signal))
    })
    .catch(refused.resolve)
  const stop = async (): Promise<void> => {
    log.info('quarry stopping')
    starting.abort()
    for (const service of followed) void service.stop()
    await stopRoles(roles, parts, settings.shutdownGraceMs)
    await tracing.stop()
    await server.close()
    log.info('quarry stopped')
  }
  return {
    url: server.url,
    events,
    ready,
    refused: refused.promise,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}
