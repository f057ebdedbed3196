// What executes one job of a lane, in the bedrock role. Wiring only.
import { type BedrockClients, makeBedrockClients } from '../src/aws/bedrock-clients.ts'
import { makeStoreDocument } from '../src/documents/store-document.ts'
import type { AdmitParts } from '../src/execute/admit-job.ts'
import { makeEndpointCheck } from '../src/execute/allowed-endpoint.ts'
import { makeLaneCheck } from '../src/execute/allowed-lane.ts'
import { makeBedrockCaller } from '../src/execute/bedrock-caller.ts'
import { type Budgets, makeBudgets } from '../src/execute/budgets.ts'
import { makeClaimStart } from '../src/execute/claim-start.ts'
import { type JobRunner, makeJobRunner } from '../src/execute/execute-job.ts'
import { makeOutageReason } from '../src/execute/outage-reason.ts'
import { makeOutcomeRules } from '../src/execute/outcome-of.ts'
import { makeOverdueOutcome, type OverdueOutcome, type OverdueParts } from '../src/execute/overdue.ts'
import type { PacedCallParts } from '../src/execute/paced-call.ts'
import { makeReadJob, type ReadParts } from '../src/execute/read-request.ts'
import type { Misplaced } from '../src/execute/true-lane.ts'
import type { UnreadPayload } from '../src/execute/unread-payloads.ts'
import { FEEL_LIMITS, makeFeelPool } from '../src/feel/pool.ts'
import type { LaneName } from '../src/job/ids.ts'
import type { QueuedJob } from '../src/job/queued-job.ts'
import { makePrices } from '../src/pace/model-prices.ts'
import { makeBudgetStore } from '../src/redis/budget-store.ts'
import { readOutages } from '../src/redis/read-outages.ts'
import { makeWorkerPulse } from '../src/redis/worker-pulse.ts'
import type { Settings } from '../src/settings/settings.ts'
import { callTimeoutMs, longestCallMs, SETTLING_MS } from './call-limits.ts'
import { bindOptions, makeDocuments } from './documents.ts'
import { camundaAccess } from './gateway.ts'
import { makeRequestLanes } from './request-lanes.ts'
import type { ProcessParts } from './role.ts'
import { makeSecrets } from './secrets.ts'

export interface Execution extends JobRunner {
  readonly overdue: OverdueOutcome
  /** To be called before jobs are run. */
  start(): void
  /** To be called when no job runs any more. */
  close(): Promise<void>
}

/** @param lanes - what is known of the lanes, and when running calls must end. */
export function makeExecution(
  parts: ProcessParts,
  lanes: Pick<OverdueParts, 'limitOf' | 'served'> &
    Pick<PacedCallParts, 'stopping' | 'leaving'> &
    Pick<Misplaced['parts'], 'putInto'> &
    Pick<ReadParts, 'places'> &
    Pick<AdmitParts, 'room'> & { readonly unread: UnreadPayload },
): Execution {
  const { settings, events, redis, keys } = parts
  const { maxWaitMs, maxSends, onOutage, compatibility } = settings
  const { stopping, leaving } = lanes
  const clients = bedrockClients(settings)
  const requestLanes = makeRequestLanes(parts)
  const { timeoutMs: timeMs, memoryMb } = settings.feel
  const feel = makeFeelPool(compatibility, { ...FEEL_LIMITS, timeMs, memoryMb })
  const camunda = camundaAccess(settings)
  const secrets = makeSecrets(settings, camunda.rest, feel)
  const documents = makeDocuments(settings, camunda.rest, feel.evaluate)
  const { rest } = camunda
  const storeDocument = rest === null ? undefined : makeStoreDocument(rest, settings.documents.timeoutMs)
  const onFault = ({ key }: QueuedJob, error: unknown) =>
    events.emit('fault', { where: `deciding what job ${key} came to`, error })
  const rules = makeOutcomeRules({ compatibility, evaluate: feel.evaluate, storeDocument, onFault })
  const readWhy = async (lane: LaneName) => (await readOutages(redis, keys, [lane]))[0]?.why ?? null
  const outageOf = makeOutageReason(events, readWhy, () => !parts.codec.encrypts)
  const overdue = makeOverdueOutcome({ ...lanes, codec: parts.codec, rules, maxWaitMs, outageOf })
  const pulse = makeWorkerPulse({
    ...parts,
    running: () => runner.running(),
    onFault: (fault) => events.emit('fault', fault),
  })
  const runner: JobRunner = makeJobRunner({
    ...parts,
    ...{ unread: lanes.unread, putInto: lanes.putInto, stopping, leaving },
    ...{ maxWaitMs, maxSends, onOutage, overdue, rules },
    claim: makeClaimStart({ ...parts, runs: pulse.runs }),
    documents,
    room: lanes.room,
    read: makeReadJob({
      ...{ rules, secrets, places: lanes.places, random: Math.random },
      readTimeoutMs: settings.readTimeoutMs,
      bindOptions: bindOptions(settings),
      checkEndpoint: makeEndpointCheck(settings.endpointAllow),
      checkLane: makeLaneCheck(() => parts.laneRules.current().allow),
    }),
    laneOf: requestLanes.laneOf,
    callTimeoutMs: (job) => callTimeoutMs(settings, job),
    maxStarts: settings.maxStarts,
    admits: async (lane) => (await parts.registry.enter(lane, settings.maxLanes)).entered,
    call: makeBedrockCaller(clients),
    budgets: jobBudgets(parts),
    random: Math.random,
  })
  return {
    ...runner,
    overdue,
    start: pulse.start,
    async close() {
      await pulse.stop()
      clients.close()
      requestLanes.close()
      await documents.close()
      await Promise.all([feel.close(), camunda.close()])
    },
  }
}

function jobBudgets({ settings, events, redis, keys, name, laneRules }: ProcessParts): Budgets {
  return makeBudgets({
    rules: () => laneRules.current().budgets,
    profiles: () => laneRules.current().profiles ?? [],
    unpriced: () => laneRules.current().unpriced ?? 'count nothing',
    store: makeBudgetStore(redis, keys, {
      holdMs: longestCallMs(settings) + SETTLING_MS,
      worker: name,
    }),
    prices: makePrices(),
    events,
    random: Math.random,
  })
}

function bedrockClients({ aws }: Settings): BedrockClients {
  return makeBedrockClients({ ...aws, endpoint: aws.bedrockEndpoint })
}
