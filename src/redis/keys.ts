// The names of all keys. Two shardings, never mixed in one script: the ledger by job key, over a fixed number of hash-tagged shards; lanes
// by name, including BullMQ's keys. lanes/lane-registry.ts lists the keys that are deleted with a lane.
import { createHash } from 'node:crypto'
import type { JobKey, LaneName } from '../job/ids.ts'

/** How many shards job state is spread over. Fixed: a change would hide the state of jobs that wait. */
export const SHARDS = 16

export interface Keys {
  /** Prefix of all keys, BullMQ's included. */
  readonly prefix: string
  shardOf(key: JobKey): number
  /** Hash: state, epoch, input, deadline, lane, sends and the outcome of a job. */
  job(key: JobKey): string
  /** Sorted set: jobs accepted and not yet answered, by the time (ms) they were accepted. */
  held(shard: number): string
  /** Sorted set: the same for one lane. Scripts build the name from {@link held} and the lane. */
  heldOf(shard: number, lane: LaneName): string
  /** Hash: number of held jobs by tenant and lane. Scripts build the name from {@link held}. */
  heldBy(shard: number): string
  /** Prefix of the job keys of a shard: scripts build the names from it. */
  jobsOf(shard: number): string
  /** String: the line of the stock connector that the installation follows. */
  readonly line: string
  /** String: the adapter that looks for jobs in no lane, while it does. */
  readonly strayDuty: string
  /** String: the adapter that looks for lanes that hold more than their share. */
  readonly roomDuty: string
  /** String: the worker that looks for jobs of workers that died. */
  readonly reclaimDuty: string
  /** String: the worker that expires jobs that wait for too long. */
  readonly expiryDuty: string
  /** Stream: outcomes not yet reported to Zeebe. */
  outbox(shard: number): string
  /** Sorted set: jobs that wait or run, by the time (ms) their lease is to be extended. */
  leases(shard: number): string
  /** Sorted set: held jobs whose task limits their wait, by its end (ms). */
  patience(shard: number): string
  /** Set: jobs of a process instance in a shard, which has no relation to the shard of the instance's key. */
  ofInstance(shard: number, instance: string): string
  /** String: bytes of held jobs and unreported outcomes. */
  bytes(shard: number): string
  /** Never exists: the probe for writes writes nothing to it. */
  probe(shard: number): string
  /** Sorted set: lane names by the time (ms) a job was last put into them. */
  readonly lanes: string
  /** Hash: jobs answered by lane, from any start. */
  readonly answered: string
  /** Channel: a lane name is published when jobs come into a lane. */
  readonly laneChannel: string
  /** Channel: a lane name is published when a lane that was closed for long may send again, or an operator changed it. */
  readonly laneOpenedChannel: string
  /** Channel: BullMQ ids of running jobs that Zeebe no longer has. */
  readonly withdrawnChannel: string
  /** String: heartbeat of a worker, with the jobs that it runs. */
  worker(name: string): string
  /** Sorted set: names of workers, by their last heartbeat (ms). */
  readonly workers: string
  /** String: exists while any worker lives. */
  readonly pulse: string
  /** String: exists while living workers may not have had time for a heartbeat. */
  readonly unsettled: string
  /** String: ids of a process's payload keys, while it lives. */
  keyHolder(name: string): string
  /** Sorted set: names of processes that read payloads, by their last entry (ms). */
  readonly keyHolders: string
  /** String: the account of an access key, by the key's hash. */
  account(hash: string): string
  /** Hash: the pace of a lane, as `lanes/pace/pace-state.ts` has it. */
  pace(lane: LaneName): string
  /** Hash: calls in flight of a lane, and the tokens they have reserved, by process. */
  calls(lane: LaneName): string
  /** Hash: what a lane did in the last minutes, by minute and figure, and the quota that its workers have in force. */
  recent(lane: LaneName): string
  /** String: exists for a while after the end of a call was settled in the pace, by the name of that command. */
  settled(lane: LaneName, telling: string): string
  /** String: a call of the lane that goes ahead of others like it, while it does, and that it did for as long as that counts. */
  firstCall(lane: LaneName, what: string): string
  /** Hash: an operator's overrides of a lane's quota. The key has their former name, which running installations have written. */
  overrides(lane: LaneName): string
  /** Sorted set: jobs of a lane that wait for a budget, by their due time (ms). */
  budgetWaits(lane: LaneName): string
  /** One of BullMQ's keys of a lane's queue, such as `meta`. */
  queueKey(lane: LaneName, name: string): string
  /** Set: lanes that operators have changed. */
  readonly rememberedLanes: string
  /** Set: lanes, and groups within lanes, whose jobs may be back with Zeebe for a while. */
  readonly awayLanes: string
  /** Stream: who changed what. */
  readonly audit: string
  /** Stream: requests to resolve incidents, until an adapter has done it. */
  readonly retries: string
  /** Channel: a message for each request added to {@link retries}. */
  readonly retriesChannel: string
  /** Hash: progress of a request, while somebody waits for it. */
  retry(id: string): string
  /** Hash: what is spent and held of a budget in a period, and the share already reported. */
  budget(id: string, period: string): string
  /** Sorted set: its holds, by the time (ms) they lapse. In the slot of the hash. */
  budgetHolds(id: string, period: string): string
  /** BullMQ queue name of a lane. The braces put all keys of a queue into one slot of a Redis Cluster. */
  queue(lane: LaneName): string
  /** Hash: a queued job, as BullMQ keeps it. */
  queued(lane: LaneName, id: string): string
  /** Sorted set: BullMQ's, of the jobs that wait in a lane, by their turn (see lane-order.ts). */
  prioritized(lane: LaneName): string
  /** Sorted set: the tenants of a lane by the tag at which their last job ends. */
  tenants(lane: LaneName): string
  /** Sorted set: the flows of a lane by the rank at which their last job ends. */
  ranks(lane: LaneName): string
  /** Sorted set: the jobs of a lane by tenant and rank. */
  turns(lane: LaneName): string
  /** What was {@link ranks} before tenants came first. */
  earlierRanks(lane: LaneName): string
}

export function makeKeys(prefix: string): Keys {
  const shardOf = (key: JobKey): number => Number(BigInt(key) % BigInt(SHARDS))
  const ofLane = (lane: LaneName, name: string): string => `${prefix}:{${lane}}:${name}`
  const shard = (index: number): string => `${prefix}:{s${index}}`
  const budget = (id: string, period: string): string => `${prefix}:{budget:${shortened(id)}:${period}}`
  return {
    prefix,
    shardOf,
    job: (key) => `${shard(shardOf(key))}:job:${key}`,
    held: (index) => `${shard(index)}:held`,
    heldOf: (index, lane) => `${shard(index)}:held:${lane}`,
    heldBy: (index) => `${shard(index)}:held-by`,
    jobsOf: (index) => `${shard(index)}:job:`,
    line: `${prefix}:connector-line`,
    strayDuty: `${prefix}:stray-turn`,
    roomDuty: `${prefix}:room-turn`,
    reclaimDuty: `${prefix}:reclaim-turn`,
    expiryDuty: `${prefix}:expiry-turn`,
    outbox: (index) => `${shard(index)}:outbox`,
    leases: (index) => `${shard(index)}:leases`,
    patience: (index) => `${shard(index)}:patience`,
    ofInstance: (index, instance) => `${shard(index)}:instance:${instance}`,
    bytes: (index) => `${shard(index)}:bytes`,
    probe: (index) => `${shard(index)}:probe`,
    lanes: `${prefix}:lanes`,
    answered: `${prefix}:answered`,
    laneChannel: `${prefix}:lane-woke`,
    laneOpenedChannel: `${prefix}:lane-opened`,
    withdrawnChannel: `${prefix}:withdrawn`,
    worker: (name) => `${prefix}:worker:${name}`,
    workers: `${prefix}:workers`,
    pulse: `${prefix}:pulse`,
    unsettled: `${prefix}:unsettled`,
    keyHolder: (name) => `${prefix}:payload-keys:${name}`,
    keyHolders: `${prefix}:payload-keys`,
    account: (hash) => `${prefix}:account:${hash}`,
    pace: (lane) => ofLane(lane, 'pace'),
    calls: (lane) => ofLane(lane, 'calls'),
    recent: (lane) => ofLane(lane, 'recent'),
    settled: (lane, telling) => ofLane(lane, `settled:${telling}`),
    firstCall: (lane, what) => ofLane(lane, `first:${what}`),
    overrides: (lane) => ofLane(lane, 'wishes'),
    budgetWaits: (lane) => ofLane(lane, 'budget-waits'),
    queueKey: ofLane,
    rememberedLanes: `${prefix}:held-lanes`,
    awayLanes: `${prefix}:away-lanes`,
    audit: `${prefix}:audit`,
    retries: `${prefix}:retries`,
    retriesChannel: `${prefix}:retry-asked`,
    retry: (id) => `${prefix}:retry:${id}`,
    budget,
    budgetHolds: (id, period) => `${budget(id, period)}:holds`,
    queue: (lane) => `{${lane}}`,
    queued: ofLane,
    prioritized: (lane) => ofLane(lane, 'prioritized'),
    tenants: (lane) => ofLane(lane, 'tenants'),
    ranks: (lane) => ofLane(lane, 'ranks'),
    turns: (lane) => ofLane(lane, 'turns'),
    earlierRanks: (lane) => ofLane(lane, 'flows'),
  }
}

const LONGEST_ID = 200

/** Tenants and processes may have long names. */
function shortened(id: string): string {
  if (id.length <= LONGEST_ID) return id
  return `${id.slice(0, 60)}~${createHash('sha256').update(id).digest('hex').slice(0, 32)}`
}

/** All shard numbers. */
export const SHARD_NUMBERS: readonly number[] = Array.from({ length: SHARDS }, (_, index) => index)
