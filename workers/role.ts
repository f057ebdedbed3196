// What the roles of a process have in common: the parts they share, and how they start and stop.
import type { Registry } from 'prom-client'
import { type LaneRegistry, makeLaneRegistry } from '../src/lanes/lane-registry.ts'
import type { ConnectorLine } from '../src/ledger/agreed-line.ts'
import { type JobStore, makeJobStore } from '../src/ledger/job-store.ts'
import { type LeaseStore, makeLeaseStore } from '../src/ledger/lease-store.ts'
import { withOwnAnswers } from '../src/ledger/own-answers.ts'
import type { KeyGaps } from '../src/payload/key-gaps.ts'
import type { PayloadCodec } from '../src/payload/payload-codec.ts'
import { connectRedis, type RedisClient } from '../src/redis/connect.ts'
import { makeRedisInspector, type RedisInspector } from '../src/redis/inspect-redis.ts'
import { type Keys, makeKeys } from '../src/redis/keys.ts'
import { sumUp } from '../src/redis/redis-facts.ts'
import type { RedisTarget } from '../src/redis/redis-target.ts'
import type { LaneRulesInForce } from '../src/settings/lane-rules-file.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { DependencyCheck } from '../src/telemetry/dependency-watch.ts'
import type { Events } from '../src/telemetry/events.ts'
import type { HttpPages } from '../src/telemetry/http-server.ts'
import type { RefusedCounts } from '../src/telemetry/refused-payloads.ts'
import type { Tracing } from '../src/telemetry/tracing.ts'
import type { Service } from '../src/time/service.ts'
import { connectorLine } from './connector-line.ts'
import { laneRules } from './lane-rules.ts'
import { payloadParts } from './payload-parts.ts'
import { redisTarget } from './redis.ts'

/** A role within a process. Both stops are idempotent, and may be called before `start` has resolved. */
export interface Role {
  /** Dependencies that must answer for the role to be ready. */
  readonly needs: readonly DependencyCheck[]
  /** Details for `/health`; readiness does not depend on them. */
  readonly about?: () => Readonly<Record<string, unknown>>
  /** What it serves over HTTP, besides health and metrics. */
  readonly pages?: HttpPages
  /** May reject, for example when Redis refuses a command: it is then called again. */
  start(): Promise<void>
  /** Stops taking new work; work under way goes on. */
  quiesce(): Promise<void>
  /** Ends what is under way within `graceMs`, and releases everything. */
  stop(graceMs: number): Promise<void>
}

/** What the roles of one process share. */
export interface ProcessParts {
  readonly settings: Settings
  readonly events: Events
  readonly metrics: Registry
  readonly tracing: Tracing
  /** For commands that do not block. */
  readonly redis: RedisClient
  readonly redisTarget: RedisTarget
  readonly inspector: RedisInspector
  readonly keys: Keys
  readonly store: JobStore
  readonly leases: LeaseStore
  readonly registry: LaneRegistry
  readonly codec: PayloadCodec
  readonly keyGaps: KeyGaps
  /** By which the processes of an installation know each other's payload keys, and agree on the line. */
  readonly agreements: readonly Service[]
  /** Jobs set aside because this process must not trust their payload. */
  readonly refused: () => RefusedCounts
  readonly laneRules: LaneRulesInForce
  readonly line: ConnectorLine
  /** Name of this process, unique. */
  readonly name: string
  /** Opens another connection, for commands that block or subscribe. */
  connect(purpose: string): RedisClient
  /** Cuts all connections to Redis: waiting commands reject. */
  disconnect(): void
}

export function makeProcessParts(
  settings: Settings,
  told: Pick<ProcessParts, 'name' | 'events' | 'metrics' | 'tracing'>,
): ProcessParts {
  const { events } = told
  const rules = laneRules(settings, events)
  const target = redisTarget(settings)
  const connections: RedisClient[] = []
  const connect = (purpose: string): RedisClient => {
    const connection = connectRedis({
      target,
      name: `quarry-${purpose}`,
      // The dependency watch reports an outage: once, not once per attempt and connection.
      onError: () => undefined,
    })
    connections.push(connection)
    return connection
  }
  const redis = connect('commands')
  const keys = makeKeys(settings.redis.prefix)
  const store = makeJobStore(redis, keys)
  const { keyServices, ...payloads } = payloadParts({ settings, redis, keys, ...told })
  const line = connectorLine({ settings, redis, keys, events, codec: payloads.codec })
  return {
    ...told,
    settings,
    redis,
    redisTarget: target,
    inspector: makeRedisInspector({
      redis,
      kind: target.place.kind,
      onReport: ({ refusals, warnings, ...facts }) =>
        events.emit('redisInspected', {
          kind: facts.kind,
          masters: facts.nodes.length,
          refusals,
          warnings,
          ...sumUp(facts),
        }),
    }),
    keys,
    store: reportsItself(settings) ? withOwnAnswers(store) : store,
    leases: makeLeaseStore(redis, keys),
    registry: makeLaneRegistry(redis, keys),
    ...payloads,
    laneRules: rules,
    line,
    agreements: [...keyServices, line],
    connect,
    disconnect() {
      for (const connection of connections) connection.disconnect()
    },
  }
}

/** Whether a process reports outcomes that it has stored. */
const reportsItself = ({ roles }: Settings): boolean => roles.includes('adapter') && roles.includes('bedrock')
