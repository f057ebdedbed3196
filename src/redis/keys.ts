// The names of keys. Two shardings that never meet in one script: the ledger by job key, over a fixed number of hash-tagged shards;
// lanes by their name, BullMQ's own keys among them. What is deleted with a lane is in lanes/lane-registry.ts.
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
  /** Sorted set: those of one lane. Scripts make it of {@link held} and the lane. */
  heldOf(shard: number, lane: LaneName): string
  /** Hash: how many of them there are by tenant and lane. Scripts make it of {@link held}. */
  heldBy(shard: number): string
  /** What the keys of the jobs of a shard begin with: scripts make them of it. */
  jobsOf(shard: number): string
  /** String: the adapter that looks for jobs in no lane, while it does. */
  readonly strayDuty: string
  /** String: the adapter that looks for lanes that hold more than their share. */
  readonly roomDuty: string
  /** String: the worker that looks for jobs of workers that died. */
  readonly reclaimDuty: string
  /** String: the worker that expires jobs that wait for too long. */
  readonly expiryDuty: string
  /** Stream: outcomes that Zeebe has not been told yet. */
  outbox(shard: number): string
  /** Sorted set: jobs that wait or run, by the time (ms) their lease is to be extended. */
  leases(shard: number): string
  /** Sorted set: jobs held whose task bounds their wait, by the time (ms) that ends. */
  patience(shard: number): string
  /** String: bytes of the jobs held and the outcomes waiting. */
  bytes(shard: number): string
  /** Never there: what asks whether Redis takes changes writes nothing to it. */
  probe(shard: number): string
  /** Sorted set: lane names by the time (ms) a job was last put into them. */
  readonly lanes: string
  /** Hash: jobs answered by lane, from any start. */
  readonly answered: string
  /** Channel: a lane name is published when jobs come into a lane. */
  readonly laneChannel: string
  /** Channel: a lane name is published when a lane that was closed for long may send again, or an operator changed it. */
  readonly laneOpenedChannel: string
  /** Channel: BullMQ ids of queued jobs that Zeebe does not know any more, while a worker runs them. */
  readonly withdrawnChannel: string
  /** String: what a worker runs, while it lives. */
  worker(name: string): string
  /** Sorted set: names of workers, by the time (ms) they last said that they live. */
  readonly workers: string
  /** String: there while any worker lives. */
  readonly pulse: string
  /** String: there while workers may not have had the time to say that they live. */
  readonly unsettled: string
  /** String: what a process says of its payload keys, while it lives. */
  keyHolder(name: string): string
  /** Sorted set: names of processes that have payloads to read, by the time (ms) they last said so. */
  readonly keyHolders: string
  /** String: the account of an access key, by the key's hash. */
  account(hash: string): string
  /** Hash: the pace of a lane, as `lanes/pace/pace-state.ts` has it. */
  pace(lane: LaneName): string
  /** Hash: calls in flight of a lane, and the tokens they have reserved, by process. */
  calls(lane: LaneName): string
  /** String: there for a while after the pace was told of the end of a call, by the name of that telling. */
  settled(lane: LaneName, telling: string): string
  /** Hash: what an operator wishes for a lane, in place of its quota. */
  wishes(lane: LaneName): string
  /** Sorted set: jobs of a lane that are put off for a budget, by the time (ms) they are due. */
  budgetWaits(lane: LaneName): string
  /** One of BullMQ's keys of a lane's queue, such as `meta`. */
  queueKey(lane: LaneName, name: string): string
  /** Set: lanes that operators have changed. */
  readonly heldLanes: string
  /** Set: lanes, and groups within lanes, of which jobs may be back with Zeebe for a while. */
  readonly awayLanes: string
  /** Stream: who changed what. */
  readonly audit: string
  /** Stream: jobs whose incident operators want resolved, until an adapter has. */
  readonly retries: string
  /** Channel: told when one is added to {@link retries}. */
  readonly retriesChannel: string
  /** Hash: how far that is, while somebody waits for it. */
  retry(id: string): string
  /** Hash: what is spent and held of a budget in a period, and what was told of it. */
  budget(id: string, period: string): string
  /** Sorted set: what is held of it, by the time (ms) it lapses. In the slot of the hash. */
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
    strayDuty: `${prefix}:stray-turn`,
    roomDuty: `${prefix}:room-turn`,
    reclaimDuty: `${prefix}:reclaim-turn`,
    expiryDuty: `${prefix}:expiry-turn`,
    outbox: (index) => `${shard(index)}:outbox`,
    leases: (index) => `${shard(index)}:leases`,
    patience: (index) => `${shard(index)}:patience`,
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
    settled: (lane, telling) => ofLane(lane, `settled:${telling}`),
    wishes: (lane) => ofLane(lane, 'wishes'),
    budgetWaits: (lane) => ofLane(lane, 'budget-waits'),
    queueKey: ofLane,
    heldLanes: `${prefix}:held-lanes`,
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
