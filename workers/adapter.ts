// The adapter role: activate, enqueue, report. It holds the Zeebe credentials and no AWS ones.
import { makeGrpcJobPort } from '../src/camunda/grpc-job-port.ts'
import { makeGrpcProcessPort } from '../src/camunda/grpc-process-port.ts'
import { makeIncidentSearch } from '../src/camunda/incident-search.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import { FEEL_LIMITS, makeFeelPool } from '../src/feel/pool.ts'
import { makeOutbox } from '../src/ledger/outbox.ts'
import { makeRetryInbox } from '../src/ledger/retry-requests.ts'
import { closeRedis } from '../src/redis/connect.ts'
import { makeReporter } from '../src/report/reporter.ts'
import { makeIncidentResolver } from '../src/report/resolve-incidents.ts'
import { makeUnreadOutcomes } from '../src/report/unread-outcomes.ts'
import { sealKey } from '../src/secrets/seal-key.ts'
import { readOutcome, secretsOf } from '../src/secrets/sealed-outcome.ts'
import type { Settings } from '../src/settings/settings.ts'
import { makeActivation } from './activation.ts'
import { lineOfJob } from './connector-line.ts'
import { type CamundaAccess, camundaAccess } from './gateway.ts'
import { payloadCheck } from './payload-parts.ts'
import { redisCheck } from './redis-check.ts'
import type { ProcessParts, Role } from './role.ts'
import { makeSecrets } from './secrets.ts'
import { inOrder, type Running } from './services.ts'

export function makeAdapter(parts: ProcessParts): Role {
  const { settings, redis, keys } = parts
  const camunda = camundaAccess(settings)
  const port = makeGrpcJobPort(camunda.gateway)
  const blocking = parts.connect('outbox')
  // Has no process until a diagram's mappings are long.
  const feel = makeFeelPool(lineOfJob(settings, {}), { ...FEEL_LIMITS, processes: 1 })
  const secrets = makeSecrets(settings, camunda.rest, { feel })
  const reporter = makeReporter({
    store: parts.store,
    codec: parts.codec,
    events: parts.events,
    tracing: parts.tracing,
    port,
    unread: makeUnreadOutcomes(parts.keyGaps, parts.events),
    outbox: makeOutbox(redis, blocking, keys, parts.name),
    readOutcome: (text, id) =>
      readOutcome(text, { id, keyOf: sealKey(settings.redis.prefix), fetch: secrets.value }),
    secretsOf: (text, plain) => secretsOf(text, plain ? takenOf(settings) : 'none'),
    random: Math.random,
    leaseMs: settings.leaseMs,
    historyMs: settings.jobHistoryMs,
  })
  const activation = makeActivation(parts, { port, secrets, stuck: reporter.stuck })
  const services = inOrder(
    [
      activation.extending, // extends the leases of jobs that wait or run
      activation.strays, // calls back jobs that are in no lane
      reporter, // reports outcomes; stops when all are reported, or the grace period is over
      makeIncidents(parts, camunda), // resolves the incidents that operators ask for
      activation.taking, // polls, calls jobs back, makes room for other lanes
    ],
    parts.events,
  )
  return {
    needs: [zeebeCheck(port, parts), redisCheck(parts), payloadCheck(parts)],
    start: services.start,
    quiesce: activation.taking.stop,
    async stop(graceMs) {
      await services.stop(graceMs)
      await activation.close()
      await Promise.all([port.close(), feel.close()])
      await camunda.close()
      await closeRedis(blocking)
    },
  }
}

/** Resolves incidents of jobs. Its connection opens with the first. */
function makeIncidents(
  { settings, redis, keys, name, events, connect }: ProcessParts,
  { gateway, rest }: CamundaAccess,
): Running {
  const port = makeGrpcProcessPort(gateway)
  const listening = connect('listening')
  const inbox = makeRetryInbox(redis, keys, name)
  const resolver = makeIncidentResolver({
    inbox,
    search: rest === null ? null : makeIncidentSearch(rest),
    own: { type: settings.jobType, tenantIds: settings.zeebe.tenantIds },
    port,
    events,
    random: Math.random,
  })
  return {
    name: resolver.name,
    async start() {
      await inbox.subscribe(listening, resolver.wake)
      resolver.start()
    },
    async stop() {
      await resolver.stop()
      await Promise.all([port.close(), closeRedis(listening)])
    },
  }
}

/** While processes run that write results without a proof, none can be required. */
const takenOf = ({ payloadOldFormat }: Settings) => (payloadOldFormat === 'write' ? 'any' : 'proven')

function zeebeCheck(port: JobPort, { settings, line }: ProcessParts) {
  return {
    name: 'zeebe' as const,
    address: settings.zeebe.grpcAddress,
    async ask() {
      const { gatewayVersion, partitionsCount } = await port.topology()
      line.saw(gatewayVersion)
      return `gateway ${gatewayVersion}, ${partitionsCount} partition${partitionsCount === 1 ? '' : 's'}`
    },
  }
}
