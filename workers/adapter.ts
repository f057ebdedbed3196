// The adapter role: activate, enqueue, report. It holds the Zeebe credentials and no AWS ones.
import { makeActivator } from '../src/activate/activator.ts'
import { makeOwnLeases, type OwnLease } from '../src/activate/own-lease.ts'
import { makeGrpcJobPort } from '../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import { fetchedVariables } from '../src/connector/fetched-variables.ts'
import {
  checkHeaders,
  type Headers,
  jobTimeoutMs,
  parseHeaders,
  retryBackoffMs,
} from '../src/connector/headers.ts'
import { makeEnqueuer } from '../src/enqueue/enqueue-jobs.ts'
import { makeLaneQueues } from '../src/enqueue/lane-queues.ts'
import { closeRedis } from '../src/redis/connect.ts'
import { makeOutbox } from '../src/redis/outbox.ts'
import { makeReporter } from '../src/report/reporter.ts'
import { makeResolvedRoute } from '../src/secrets/resolved-route.ts'
import { readOutcome } from '../src/secrets/sealed-outcome.ts'
import type { Settings } from '../src/settings/settings.ts'
import { camundaAccess } from './gateway.ts'
import { type ProcessParts, type Role, redisCheck } from './role.ts'
import { makeSecrets } from './secrets.ts'

/** The stock connector's worker name, so that Operate shows what people know. */
const WORKER_NAME = 'AWS BedRock'

export function makeAdapter(parts: ProcessParts): Role {
  const { settings, events, redis, keys, store } = parts
  const stopping = new AbortController()
  const camunda = camundaAccess(settings)
  const port = makeGrpcJobPort(camunda.gateway)
  const blocking = parts.connect('outbox')
  const secrets = makeSecrets(settings, camunda.rest)
  const queues = makeLaneQueues(redis, keys, (error) =>
    events.emit('fault', { where: 'adding to lanes', error }),
  )
  const enqueuer = makeEnqueuer({
    ...parts,
    queues,
    route: makeResolvedRoute(secrets),
    now: Date.now,
    stopping: stopping.signal,
  })
  const reporter = makeReporter({
    ...parts,
    port,
    outbox: makeOutbox(redis, blocking, keys, parts.name),
    readOutcome: (text) => readOutcome(text, secrets.value),
    random: Math.random,
    leaseMs: settings.leaseMs,
  })
  const ownLeases = makeOwnLeases({
    ...{ port, events, leaseMs: settings.leaseMs },
    asked: (customHeaders) => askedLease(parseHeaders(customHeaders), settings),
  })
  const activator = makeActivator({
    port,
    request: {
      type: settings.jobType,
      worker: WORKER_NAME,
      timeoutMs: settings.leaseMs,
      fetchVariables: fetchedVariables(settings.compatibility),
      tenantIds: settings.zeebe.tenantIds,
    },
    maxBacklog: settings.maxBacklog,
    backlog: store.backlog,
    handOn: async (jobs) => enqueuer.enqueue(await ownLeases(jobs)),
    events,
    random: Math.random,
  })
  return {
    needs: [zeebeCheck(port, settings), redisCheck(parts)],
    async start() {
      activator.start()
      reporter.start()
    },
    quiesce() {
      stopping.abort()
      return activator.stop()
    },
    async stop(graceMs) {
      await activator.stop()
      await reporter.stop(graceMs)
      await queues.close()
      await port.close()
      await camunda.close()
      await closeRedis(blocking)
    },
  }
}

function askedLease(headers: Headers, { compatibility }: Settings): OwnLease | null {
  const leaseMs = checkHeaders(headers, compatibility) === null ? jobTimeoutMs(headers, compatibility) : null
  return leaseMs === null ? null : { leaseMs, retryBackoffMs: retryBackoffMs(headers) }
}

function zeebeCheck(port: JobPort, settings: Settings) {
  return {
    name: 'zeebe' as const,
    address: settings.zeebe.grpcAddress,
    async ask() {
      const { gatewayVersion, partitionsCount } = await port.topology()
      return `gateway ${gatewayVersion}, ${partitionsCount} partition${partitionsCount === 1 ? '' : 's'}`
    },
  }
}
