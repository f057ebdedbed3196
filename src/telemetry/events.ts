// Typed events. The stages emit them; metrics, log and traces subscribe, so that no stage depends on these.
// Events carry keys, names, counts and durations: never a prompt, an answer or a credential.
import { EventEmitter } from 'node:events'
import type { ActionName } from '../bedrock/input.ts'
import type { FailingCredential } from '../job/credential.ts'
import type { ElementTemplate } from '../job/element-template.ts'
import type { JobKey, LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import type { OtherLine } from '../ledger/agreed-line.ts'
import type { Acceptance } from '../ledger/job-state.ts'
import type { AgreedLine } from '../ledger/stored-line.ts'
import type { PayloadFault } from '../payload/payload-codec.ts'
import type { InLane, LoopWork, OfJob } from './named-job.ts'

/** How a Bedrock call ended: an answer, a throttle, not executed by AWS, an error worth a retry, or a final error. */
export type CallEnd = 'ok' | 'throttle' | 'outage' | 'transient' | 'final'

/**
 * Why a job went back into its lane: its call was throttled, failed with a transient error, or met an outage; its worker stops
 * (`handBack`) or died; its turn is not soon (`pace`); a budget is used up (`budget`); its documents load slowly and all places
 * for such jobs are taken (`reading`); its answer violates its schema and is to be repaired (`repair`); or another job's call makes
 * Bedrock compile the same schema (`schema`).
 */
export type DeferralReason =
  | 'throttle'
  | 'transient'
  | 'outage'
  | 'handBack'
  | 'workerDied'
  | 'pace'
  | 'budget'
  | 'reading'
  | 'repair'
  | 'schema'

/** Why a worker that took a queued job does not execute it. */
type SkipReason = 'running' | 'ended' | 'lost'

/** The result of a retry request of an operator. */
export type RetryEnd = 'promoted' | 'resolved' | 'nothing' | 'unknown' | 'refused'

export interface QuarryEvents {
  /** Zeebe handed out jobs. */
  activated: [{ readonly count: number; readonly by: 'poll' | 'stream' }]
  /** A poll or the job stream failed; it is retried. */
  activationFailed: [{ readonly message: string; readonly status: string }]
  /** An activation was accepted into a lane, or recognised as known. */
  accepted: [
    {
      readonly jobKey: JobKey
      readonly processId: string
      readonly lane: LaneName
      readonly acceptance: Acceptance
      readonly template: ElementTemplate
    },
  ]
  /** The priority of a task is not understood; the job runs as normal. */
  priorityUnread: [
    {
      readonly jobKey: JobKey
      readonly processId: string
      readonly elementId: string
      readonly from: 'header' | 'variable'
    },
  ]
  /** Zeebe refused the lease that a task asks for. The job keeps its first lease (`kept`), or is dropped. */
  leaseRefused: [
    {
      readonly jobKey: JobKey
      readonly message: string
      readonly status: string
      readonly kept: boolean
    },
  ]
  /** The lease of a waiting or running job was extended. */
  leaseExtended: [{ readonly jobKey: JobKey }]
  /** A lease could not be extended now, since Zeebe is down or busy; this is retried before the lease ends. */
  leaseDelayed: [{ readonly jobKey: JobKey; readonly message: string; readonly status: string }]
  /** Quarry lost the lease of a job. If Zeebe hands the job out again, it is adopted. */
  leaseLost: [OfJob & { readonly lane?: LaneName; readonly message: string; readonly status: string }]
  /** Zeebe no longer has a job, for example because its instance was cancelled: it is not sent, or its call is ended. */
  withdrawn: [InLane & { readonly was: 'queued' | 'running' }]
  /**
   * A job went back to Zeebe with its retries unchanged: it was not queued (`adapterFull`: this process has no memory for it), or a
   * stuck lane gave it back to make room (`laneExcess`). Zeebe hands it out again.
   */
  returned: [
    OfJob & {
      readonly lane?: LaneName
      readonly reason:
        | 'laneFull'
        | 'laneDraining'
        | 'laneExcess'
        | 'tooManyLanes'
        | 'adapterFull'
        | 'notQueued'
    },
  ]
  /**
   * Jobs of a lane begin to go back to Zeebe: the lane takes no jobs, or holds its share of the backlog (`full`: its workers are too
   * slow). Emitted once by each adapter, until {@link laneUnstuck}.
   */
  laneStuck: [
    {
      readonly lane: LaneName
      readonly why: 'paused' | 'draining' | 'outage' | 'full'
      /** Waiting and running jobs of the lane. */
      readonly held: number
      /** Longest time that a job is away; it is called back once there is room. */
      readonly awaySeconds: number
    },
  ]
  /** QUARRY_MAX_LANES is reached: jobs of this lane and of other new lanes wait in Zeebe. Emitted once a minute. */
  lanesFull: [{ readonly lane: LaneName; readonly lanes: number; readonly most: number }]
  laneUnstuck: [{ readonly lane: LaneName; readonly lastedMs: number }]
  /** A job is started again because its worker died or was cut off: a call that it had sent is paid again. */
  orphaned: [InLane & { readonly deaths: number }]
  /** A job was failed because QUARRY_MAX_STARTS of its workers died. */
  quarantined: [InLane & { readonly deaths: number }]
  /** A rule of the lanes file has matched no lane for so long. */
  laneRuleUnfit: [{ readonly rule: string; readonly hours: number }]
  /** AWS STS of a region does not answer: until then each access key has lanes of its own. */
  accountsAway: [{ readonly region: string; readonly reason: string }]
  /** Credentials that a task or a rule names cannot be had, and their jobs wait. Emitted once, until they are there again. */
  credentialFailing: [FailingCredential]
  /** A job was in another lane than its request belongs to, and moved there before anything was sent. */
  moved: [InLane & { readonly to: LaneName }]
  /** This worker opened or closed a lane worker. */
  laneOpened: [{ readonly lane: LaneName }]
  laneClosed: [{ readonly lane: LaneName }]
  /**
   * A worker took a queued job and does not execute it: another worker still runs it (`running`), it has ended (`ended`), or this
   * worker lost it while it waited for its turn, to another worker or with the data of Redis (`lost`).
   */
  startSkipped: [{ readonly jobKey: JobKey; readonly lane: LaneName; readonly why: SkipReason }]
  /** The first call of a job got its turn. `waitedMs` counts from its acceptance. */
  started: [InLane & { readonly waitedMs: number }]
  /** A call waited for its turn in its worker. `given`: it got the turn; otherwise its job went back into its lane. */
  paced: [InLane & { readonly waitedMs: number; readonly waitedFor: string; readonly given: boolean }]
  /** A Bedrock call is sent. */
  calling: [InLane]
  /** A Bedrock call ended. */
  called: [
    InLane & {
      readonly action: ActionName
      readonly end: CallEnd
      /** The AWS error's name, or `ok`. */
      readonly reason: string
      readonly durationMs: number
      readonly inputTokens: number
      readonly outputTokens: number
      /** Further input tokens, read from a prompt cache and written to it. @default 0 */
      readonly cacheReadTokens?: number
      readonly cacheWriteTokens?: number
      /** Of a streamed answer: time to its first bytes, and from there to its last, ms. */
      readonly stream?: { readonly firstMs: number; readonly restMs: number }
      /** Host and port of an endpoint that the diagram named. */
      readonly server?: string
    },
  ]
  /**
   * A running call was cut because its process stops and its grace period is over. AWS may bill it, and another worker makes it
   * again.
   */
  callCut: [InLane & { readonly ranMs: number }]
  /** A job went back into its lane. Only `transient` counts as a send. */
  deferred: [
    InLane & {
      readonly reason: DeferralReason
      readonly delayMs: number
    },
  ]
  /**
   * A lane cannot reach Bedrock, or Bedrock takes none of its calls: it tries one call now and then until one succeeds. Emitted
   * by the process whose call began it. `why` names the endpoint, the step that failed and what to check.
   */
  outageBegan: [{ readonly lane: LaneName; readonly why: string }]
  /** A call of the lane succeeded again. Emitted by the process whose call it was. */
  outageEnded: [{ readonly lane: LaneName; readonly lastedMs: number }]
  /** A call was settled against a budget, or refused by it. A budget may have a counter for each tenant, process or lane. */
  budgetSpent: [
    {
      readonly budget: string
      readonly unit: 'tokens' | 'microUsd'
      /** By the counter of the call, in this period. */
      readonly spent: number
      readonly limit: number
      /** End of the period, ms since the epoch. */
      readonly untilMs: number
    },
  ]
  /** 80 or 100 % of a budget are spent. Emitted once for each counter and period, by one process. */
  budgetPassed: [
    {
      readonly budget: string
      /** The tenant, process or lane; null where all share the budget. */
      readonly of: string | null
      readonly percent: 80 | 100
      readonly unit: 'tokens' | 'microUsd'
      readonly spent: number
      readonly limit: number
      readonly untilMs: number
    },
  ]
  /** A budget in dollars met a model without a price. Emitted once for each model. */
  budgetUnpriced: [
    {
      readonly model: string
      readonly budget: string
      /** What its calls count: nothing, what the lanes file says of all such models, or they are not made. */
      readonly counts: 'nothing' | 'unpriced' | 'refused'
    },
  ]
  /**
   * The outcome of a job was stored. `retriesLeft` is for failures: 0 makes an incident. `executionMs` counts from taking the job out
   * of its lane; null for a job that ended while it waited.
   */
  answered: [
    {
      readonly jobKey: JobKey
      readonly processId: string
      readonly lane: LaneName
      readonly outcome: Outcome['kind']
      readonly errorType: string | null
      /** The error for people: its name, and status if it has one. */
      readonly error: string | null
      readonly elementId: string
      readonly processInstanceKey: string
      readonly retriesLeft: number | null
      readonly executionMs: number | null
      readonly template: ElementTemplate
    },
  ]
  /** A job was failed because it waited too long. */
  expired: [InLane & { readonly sends: number }]
  /** An outcome was reported to Zeebe, or Zeebe answered that the job is gone. */
  reported: [
    OfJob & {
      readonly lane?: LaneName
      readonly outcome: Outcome['kind']
      readonly result: 'accepted' | 'gone' | 'notActive' | 'refused'
    },
  ]
  /** A report failed and is retried. */
  reportDelayed: [OfJob & { readonly lane?: LaneName; readonly message: string; readonly status: string }]
  /** A partition of Zeebe refuses all commands of one kind from this process: they wait, other partitions go on. Emitted once. */
  partitionAway: [
    {
      readonly partition: number
      readonly of: 'reports' | 'leases'
      readonly status: string
      readonly message: string
    },
  ]
  /** The partition accepts them again. */
  partitionBack: [{ readonly partition: number; readonly of: 'reports' | 'leases'; readonly awayMs: number }]
  /** An error in Quarry's own work on one job, for example a payload that it cannot read; the job is kept. */
  jobFault: [
    {
      readonly jobKey: string
      readonly processId?: string
      readonly lane: LaneName
      readonly error: unknown
    },
  ]
  /** Spans could not be delivered, or were dropped because there were too many. */
  spansLost: [
    {
      /** Host and port of the collector. */
      readonly to: string
      readonly message: string
    },
  ]
  /** A dependency of this process went down or came back. */
  dependency: [
    { readonly name: 'zeebe' | 'redis' | 'payloads'; readonly up: boolean; readonly message: string },
  ]
  /** The properties of Redis were read for the first time, or have changed. */
  redisInspected: [
    {
      readonly kind: 'standalone' | 'sentinel' | 'cluster'
      /** Servers that take writes. */
      readonly masters: number
      readonly version: string
      readonly evictionPolicy: string
      readonly persistence: string
      /** Why it is not used. */
      readonly refusals: readonly string[]
      readonly warnings: readonly string[]
    },
  ]
  /** The line of the stock connector that this process follows is known. */
  lineKnown: [AgreedLine]
  /** Another line belongs to the gateway, or was agreed on by the installation. */
  lineOther: [OtherLine]
  /** The lanes file was read, at start or after a change, and is in force. Counts of rules. */
  laneRulesLoaded: [
    {
      readonly path: string
      readonly quotas: number
      readonly weights: number
      readonly routes: number
      readonly budgets: number
    },
  ]
  /** The lanes file is wrong or missing: the last good rules stay in force. */
  laneRulesRefused: [{ readonly path: string; readonly problems: readonly string[] }]
  /** An operator changed lanes. */
  lanesChanged: [
    {
      /** `user@host`. */
      readonly by: string
      readonly action: 'pace' | 'pause' | 'resume' | 'drain'
      readonly lanes: readonly LaneName[]
      /** The change, in words. */
      readonly change: string
    },
  ]
  /** An operator retried a job: it is due now, its incident was resolved, or neither. */
  jobRetried: [{ readonly jobKey: JobKey; readonly by: string; readonly result: RetryEnd }]
  /** An adapter carried out a retry request: it resolved the incident of a job, or could not. */
  incidentRetried: [
    { readonly jobKey: JobKey; readonly by: string; readonly result: 'resolved' | 'nothing' | 'refused' },
  ]
  /** The dashboard refuses everybody, because no sign-in is set up. */
  dashboardLocked: [{ readonly reason: string }]
  /** A proxy that is not trusted forwards requests to the dashboard. */
  dashboardForwarded: [{ readonly proxy: string; readonly warning: string }]
  /** The dashboard has no sign-in on an address that others reach. */
  dashboardOpen: [{ readonly host: string; readonly warning: string }]
  /** A stored payload is not trusted, or no process can read it: its job is set aside, and read again in a minute. */
  payloadRefused: [
    {
      readonly jobKey: string
      readonly processId?: string
      readonly lane: LaneName
      readonly why: PayloadFault
      readonly message: string
    },
  ]
  /** A payload was read in plaintext although there is a payload key, or in the encryption of version 1. */
  payloadOld: [{ readonly form: 'plaintext' | 'oldFormat' }]
  /** A payload is encrypted with a key that this process lacks. `left`: others have the key; otherwise the job is set aside. */
  payloadUnread: [
    {
      readonly jobKey: string
      readonly lane: LaneName
      /** The first eight digits of the key's SHA-256. */
      readonly keyId: string
      readonly left: boolean
    },
  ]
  /**
   * The event loop of this process was blocked for more than a second, in which it renewed no lock and answered no probe. With the
   * longest work on a job during that time, if any.
   */
  loopHeld: [{ readonly heldMs: number; readonly workMs?: number } & Partial<LoopWork>]
  /** An error in Quarry's own work that belongs to no job. */
  fault: [{ readonly where: string; readonly error: unknown }]
}

export type Events = EventEmitter<QuarryEvents>

/** Events whose listeners cannot harm the emitting work: an error of one is a `fault` event, and the others are still called. */
class GuardedEvents extends EventEmitter<QuarryEvents> {
  override emit<Name>(
    name: Name | keyof QuarryEvents,
    ...data: Name extends keyof QuarryEvents ? QuarryEvents[Name] : never
  ): boolean {
    const listeners: readonly ((...data: never[]) => unknown)[] = this.rawListeners(name)
    for (const listener of listeners) {
      try {
        const done = Reflect.apply(listener, this, data)
        if (done instanceof Promise) done.catch((error: unknown) => this.#failed(name, error))
      } catch (error) {
        this.#failed(name, error)
      }
    }
    return listeners.length > 0
  }

  #failed(name: unknown, error: unknown): void {
    // A listener that fails on a fault would fail again on the event that reports it.
    if (name === 'fault') process.emitWarning(error instanceof Error ? error : String(error))
    else this.emit('fault', { where: `a listener of ${String(name)}`, error })
  }
}

export function makeEvents(): Events {
  return new GuardedEvents()
}
