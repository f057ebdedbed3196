// The bedrock role: execute, for the lanes of its regions. It holds the AWS role and no Zeebe credentials.
import { type BedrockClients, makeBedrockClients } from '../src/aws/bedrock-clients.ts'
import { makeBedrockCaller } from '../src/execute/bedrock-caller.ts'
import { makeRunJob } from '../src/execute/execute-job.ts'
import { makeExpirySweep } from '../src/execute/expire-waiting.ts'
import { type OpenLane, openLane, type RunJob } from '../src/execute/lane-consumer.ts'
import { makeOpenLanes } from '../src/execute/open-lanes.ts'
import { makeOutcomeRules } from '../src/execute/outcome-of.ts'
import { makeOverdueOutcome, type OverdueOutcome, type OverdueParts } from '../src/execute/overdue.ts'
import { makeReadJob } from '../src/execute/read-request.ts'
import { makeWaitingLanes } from '../src/execute/waiting-lanes.ts'
import { makeFeelPool } from '../src/feel/pool.ts'
import type { LaneName } from '../src/job/ids.ts'
import { isUnroutable, type Lane } from '../src/job/lane.ts'
import type { QueuedJob } from '../src/job/queued-job.ts'
import { laneQuota, rateLimit } from '../src/pace/lane-quota.ts'
import { closeRedis } from '../src/redis/connect.ts'
import type { Settings } from '../src/settings/settings.ts'
import { type ProcessParts, type Role, redisCheck } from './role.ts'
import { makeSecrets } from './secrets.ts'

export function makeBedrock(parts: ProcessParts): Role {
  const { settings, events, redis, keys, registry } = parts
  const { maxWaitMs } = settings
  const stopping = new AbortController()
  const onError = (error: Error) => events.emit('fault', { where: 'lanes', error })
  const listening = parts.connect('lane-woke')
  const limitOf = (lane: Lane) => requestsPerMinute(settings, lane)
  const waiting = makeWaitingLanes(redis, keys, onError)
  const execution = makeExecution(parts, { limitOf, served: waiting.served, stopping: stopping.signal })
  const { overdue, run } = execution
  const open = (name: LaneName, lane: Lane) => {
    const limit = limitOf(lane)
    const options = {
      redis,
      keys,
      concurrency: settings.laneConcurrency,
      limit: limit === null ? null : rateLimit(limit),
      now: Date.now,
      run,
      onError,
      onDropped: (jobKey: string, { name }: OpenLane, error: Error) =>
        events.emit('jobFault', { jobKey, lane: name, error }),
    }
    return openLane({ name, lane, requestsPerMinute: limit }, options)
  }
  const lanes = makeOpenLanes({
    registry,
    regions: settings.regions,
    open,
    depth: waiting.depth,
    events,
    now: Date.now,
  })
  const expiry = makeExpirySweep({ ...parts, lanes: waiting, maxWaitMs, leaseMs: settings.leaseMs, overdue })
  return {
    needs: [redisCheck(parts)],
    async start() {
      await registry.subscribe(listening, lanes.wake)
      await lanes.start()
      expiry.start()
    },
    quiesce: () => lanes.pause(),
    async stop(graceMs) {
      const timer = setTimeout(() => stopping.abort(), graceMs)
      await expiry.stop()
      await lanes.close()
      clearTimeout(timer)
      await waiting.close()
      await execution.close()
      await closeRedis(listening)
    },
  }
}

interface Execution {
  readonly run: RunJob
  readonly overdue: OverdueOutcome
  /** To be called when no job runs any more. */
  close(): Promise<void>
}

/** What executes one job of a lane. */
function makeExecution(
  parts: ProcessParts,
  lanes: Pick<OverdueParts, 'limitOf' | 'served'> & { readonly stopping: AbortSignal },
): Execution {
  const { settings, events } = parts
  const { maxWaitMs, compatibility, templateV1 } = settings
  const clients = bedrockClients(settings)
  const feel = makeFeelPool(compatibility)
  const secrets = makeSecrets(settings)
  const onFault = ({ key }: QueuedJob, error: unknown) =>
    events.emit('fault', { where: `deciding what job ${key} came to`, error })
  const rules = makeOutcomeRules({ compatibility, evaluate: feel.evaluate, onFault })
  const overdue = makeOverdueOutcome({ ...lanes, rules, maxWaitMs })
  const run = makeRunJob({
    ...parts,
    read: makeReadJob({ rules, secrets, compatibility, templateV1 }),
    callTimeoutMs: settings.aws.callTimeoutMs,
    maxWaitMs,
    overdue,
    rules,
    call: makeBedrockCaller(clients, settings.endpointAllow),
    stopping: lanes.stopping,
    random: Math.random,
  })
  return {
    run,
    overdue,
    async close() {
      clients.close()
      await Promise.all([feel.close(), secrets.close()])
    },
  }
}

function bedrockClients({ aws }: Settings): BedrockClients {
  const { bedrockEndpoint: endpoint, caBundle, callTimeoutMs } = aws
  return makeBedrockClients({ endpoint, caBundle, callTimeoutMs })
}

function requestsPerMinute({ quota, quotas }: Settings, lane: Lane): number | null {
  if (isUnroutable(lane)) return null
  const byDefault = {
    requestsPerMinute: quota.defaultRequestsPerMinute ?? null,
    tokensPerMinute: quota.defaultTokensPerMinute ?? null,
  }
  return laneQuota(lane, quotas, byDefault).requestsPerMinute
}
