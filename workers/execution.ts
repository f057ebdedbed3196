// Executes the jobs of lanes, in the bedrock role. Wiring only.
import { makeProvenCredentials } from '../src/accounts/proven-credentials.ts'
import { makeAside } from '../src/aside/aside.ts'
import { makeBedrockClients } from '../src/aws/bedrock-clients.ts'
import { listCost } from '../src/budgets/model-prices.ts'
import { makeBedrockCaller } from '../src/execute/bedrock-caller.ts'
import { makeClaimStart } from '../src/execute/claim.ts'
import { type ExecuteParts, type JobRunner, makeJobRunner } from '../src/execute/execute-job.ts'
import { makeJobRoom } from '../src/execute/job-room.ts'
import type { OverdueOutcome, OverdueParts } from '../src/execute/overdue.ts'
import { makeReadJob, type ReadParts } from '../src/execute/read-request.ts'
import { makeSchemaChecks } from '../src/execute/schema-checks.ts'
import { makeSharedPrefixes } from '../src/execute/shared-prefixes.ts'
import { FEEL_LIMITS, makeFeelPool } from '../src/feel/pool.ts'
import type { FailingCredential } from '../src/job/credential.ts'
import { makeFirstCalls } from '../src/lanes/first-calls.ts'
import { makeWorkerPulse, type WorkerPulse } from '../src/ledger/worker-pulse.ts'
import type { Service, ServiceFault } from '../src/time/service.ts'
import { callTimeoutMs } from './call-limits.ts'
import { lineOfJob } from './connector-line.ts'
import { makeDocuments } from './documents.ts'
import { camundaAccess } from './gateway.ts'
import { jobBudgets } from './job-budgets.ts'
import { outcomeRules, overdueOutcome } from './outcomes.ts'
import { readingRules } from './reading-rules.ts'
import { makeRequestLanes } from './request-lanes.ts'
import type { ProcessParts } from './role.ts'
import { makeSecrets } from './secrets.ts'

export interface Execution extends JobRunner {
  readonly overdue: OverdueOutcome
  /** Start it before jobs run, and stop it when none runs any more. */
  readonly pulse: Service
  /** Call when no job runs any more. */
  close(): Promise<void>
}

/** The lanes' part: limits, room for jobs, and the signals to stop. */
type LaneParts = Pick<OverdueParts, 'limitOf' | 'served'> &
  Pick<ExecuteParts, 'stop' | 'putInto' | 'room' | 'unread'> &
  Pick<ReadParts, 'places'>

export function makeExecution(parts: ProcessParts, lanes: LaneParts): Execution {
  const { settings, events, codec, store, tracing, registry, laneRules } = parts
  const onFailing = (failing: FailingCredential) => events.emit('credentialFailing', failing)
  const clients = makeBedrockClients({ ...settings.aws, endpoint: settings.aws.bedrockEndpoint, onFailing })
  const proven = makeProvenCredentials()
  const requestLanes = makeRequestLanes(parts, proven, clients.sources)
  const feel = feelPool(settings)
  const aside = makeAside() // has no thread until there is a large job
  const schemas = makeSchemaChecks()
  const camunda = camundaAccess(settings)
  const documents = makeDocuments(settings, camunda.rest, feel.evaluate)
  const rules = outcomeRules(parts, feel, camunda, lanes.stop.insisting)
  const overdue = overdueOutcome(parts, rules, lanes)
  const pulse = workerPulse(parts, () => runner.running())
  const runner: JobRunner = makeJobRunner({
    stop: lanes.stop,
    events,
    tracing,
    random: Math.random,
    codec,
    aside,
    room: lanes.room,
    answers: makeJobRoom(settings.documents.memoryBytes),
    unread: lanes.unread,
    claim: makeClaimStart({ store, name: parts.name, runs: pulse.runs }),
    maxStarts: settings.maxStarts,
    documents,
    read: makeReadJob({
      places: lanes.places,
      rules,
      aside,
      secrets: makeSecrets(settings, camunda.rest, { feel, aside }),
      ...readingRules(parts),
    }),
    laneOf: requestLanes.laneOf,
    proven,
    budgets: jobBudgets(parts),
    schemas,
    streaming: () => laneRules.current().streaming,
    caching: () => laneRules.current().caching,
    prefixes: makeSharedPrefixes(),
    firstCalls: makeFirstCalls(parts.redis, parts.keys),
    call: makeBedrockCaller(clients, listCost(), settings.aws.streamStallMs),
    callTimeoutMs: (job) => callTimeoutMs(settings, job),
    maxWaitMs: settings.maxWaitMs,
    maxSends: settings.maxSends,
    onOutage: settings.onOutage,
    requestMetadata: settings.requestMetadata,
    rules,
    overdue,
    store,
    putInto: lanes.putInto,
    admits: async (lane) => (await registry.enter(lane, settings.maxLanes)).entered,
  })
  return {
    ...runner,
    overdue,
    pulse,
    async close() {
      clients.close()
      requestLanes.close()
      await documents.close()
      await Promise.all([feel.close(), aside.close(), schemas.close(), camunda.close()])
    },
  }
}

function feelPool(settings: ProcessParts['settings']) {
  const { timeoutMs: timeMs, memoryMb } = settings.feel
  return makeFeelPool(lineOfJob(settings, {}), { ...FEEL_LIMITS, timeMs, memoryMb })
}

function workerPulse(
  { redis, keys, name, events }: ProcessParts,
  running: () => Iterable<string>,
): WorkerPulse {
  const onFault = (fault: ServiceFault) => events.emit('fault', fault)
  return makeWorkerPulse({ redis, keys, name, running, onFault })
}
