// What happens, as typed events. The stages emit; metrics and logs subscribe, so that no stage knows of either.
// Events carry keys, names, counts and durations: never a prompt, an answer or a credential.
import { EventEmitter } from 'node:events'
import type { ElementTemplate } from '../job/element-template.ts'
import type { JobKey, LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import type { Acceptance } from '../ledger/job-state.ts'
import type { PayloadFault } from '../payload/payload-codec.ts'
import type { LoopWork } from './loop-work.ts'

/** How a Bedrock call ended: an answer, a throttle, not executed by AWS, an error worth another try, or one that is final. */
export type CallEnd = 'ok' | 'throttle' | 'outage' | 'transient' | 'final'

/**
 * Why a job went back into its lane: a throttle or a transient error of its call; an outage, so that AWS did not execute it;
 * its worker stops (`handBack`) or died; its turn is not soon (`pace`); nothing is left of a budget (`budget`); or
 * its documents are slow, and all places for such jobs are taken (`reading`).
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

/** Why a queued job that was taken is not called for. */
export type SkipReason = 'running' | 'ended' | 'lost'

/** What came of a retry that an operator asked for. */
export type RetryEnd = 'promoted' | 'resolved' | 'nothing' | 'unknown' | 'refused'

/** A job, as events name it. The process is left out where it is not known. */
interface OfJob {
  readonly jobKey: JobKey
  readonly processId?: string
}

/** A job that is in a lane. */
interface InLane extends OfJob {
  readonly lane: LaneName
}

export interface QuarryEvents {
  /** Zeebe handed out jobs. */
  activated: [{ readonly count: number; readonly by: 'poll' | 'stream' }]
  /** Activation or the stream failed; it is tried again by itself. */
  activationFailed: [{ readonly message: string; readonly status: string }]
  /** An activation was accepted into a lane, or recognised as one that is known. */
  accepted: [
    {
      readonly jobKey: JobKey
      readonly processId: string
      readonly lane: LaneName
      readonly acceptance: Acceptance
      readonly template: ElementTemplate
    },
  ]
  /** The priority that a task names says nothing, so that the job is a normal one. */
  priorityUnread: [
    {
      readonly jobKey: JobKey
      readonly processId: string
      readonly elementId: string
      readonly from: 'header' | 'variable'
    },
  ]
  /** Zeebe did not set the lease that a task asks for: the job goes on with the one it has, or is dropped. */
  leaseRefused: [
    {
      readonly jobKey: JobKey
      readonly message: string
      readonly status: string
      readonly kept: boolean
    },
  ]
  /** The lease of a job that waits or runs was extended. */
  leaseExtended: [{ readonly jobKey: JobKey }]
  /** A lease could not be extended now, as Zeebe is away or busy; it is tried again before it ends. */
  leaseDelayed: [{ readonly jobKey: JobKey; readonly message: string; readonly status: string }]
  /** Zeebe does not take a job for ours any more; if it hands it out again, it is adopted. */
  leaseLost: [OfJob & { readonly lane?: LaneName; readonly message: string; readonly status: string }]
  /** Zeebe does not know a job any more, as when its instance was cancelled: it is not sent, or its call is ended. */
  withdrawn: [InLane & { readonly was: 'queued' | 'running' }]
  /**
   * An activated job was not queued (`adapterFull`: this process has no room for more bytes), or a lane that does not move gave it
   * back for room (`laneExcess`): Zeebe offers it again, its retries unchanged.
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
   * Jobs of a lane begin to go back to Zeebe: it has its share of the backlog (`full`: its workers do not empty it in time),
   * or takes none. Told once by each adapter, until the lane is {@link laneUnstuck}.
   */
  laneStuck: [
    {
      readonly lane: LaneName
      readonly why: 'paused' | 'draining' | 'outage' | 'full'
      /** Jobs that wait or run in the lane. */
      readonly held: number
      /** How long a job is away, at the most; it comes sooner once there is room. */
      readonly awaySeconds: number
    },
  ]
  /** There are as many lanes as may be: jobs of this one, and of others, wait in Zeebe for a place. Told once a minute. */
  lanesFull: [{ readonly lane: LaneName; readonly lanes: number; readonly most: number }]
  laneUnstuck: [{ readonly lane: LaneName; readonly lastedMs: number }]
  /** A job is started again since the worker that had it died, or was cut off: a call that it had sent is paid again. */
  orphaned: [InLane & { readonly deaths: number }]
  /** A job that took its workers down was failed, since it was started more often than it may. */
  quarantined: [InLane & { readonly deaths: number }]
  /** A rule of the lanes file has fitted no lane that there was for so long. */
  laneRuleUnfit: [{ readonly rule: string; readonly hours: number }]
  /** AWS STS of a region does not tell whose access keys are: their jobs have lanes of their own meanwhile. */
  accountsAway: [{ readonly region: string; readonly reason: string }]
  /** A job lies in another lane than its request is for, and goes there; nothing was sent. */
  moved: [InLane & { readonly to: LaneName }]
  /** A lane was opened or closed by this worker. */
  laneOpened: [{ readonly lane: LaneName }]
  laneClosed: [{ readonly lane: LaneName }]
  /**
   * A queued job was taken and not called for: another worker runs it still; it has come to its end; or it was taken from
   * this worker, by another one or with all that Redis held, while it waited for its turn.
   */
  startSkipped: [{ readonly jobKey: JobKey; readonly lane: LaneName; readonly why: SkipReason }]
  /** The first call of a job has its turn. `waitedMs` counts from its acceptance. */
  started: [InLane & { readonly waitedMs: number }]
  /** A call had to wait for its turn, in its worker. `given`: it has it; else its job went back. */
  paced: [InLane & { readonly waitedMs: number; readonly waitedFor: string; readonly given: boolean }]
  /** A Bedrock call is sent. */
  calling: [InLane]
  /** A Bedrock call ended. */
  called: [
    InLane & {
      readonly action: 'invokeModel' | 'converse'
      readonly end: CallEnd
      /** The AWS error's name, or `ok`. */
      readonly reason: string
      readonly durationMs: number
      readonly inputTokens: number
      readonly outputTokens: number
      /** Input tokens besides, read from a prompt cache. @default 0 */
      readonly cacheReadTokens?: number
      /** Input tokens besides, written to a prompt cache. @default 0 */
      readonly cacheWriteTokens?: number
      /** Host and port of an endpoint that the diagram named. */
      readonly server?: string
    },
  ]
  /**
   * A call that ran was ended since its process stops and its grace is over. AWS may bill it, and it is made again by
   * another worker.
   */
  callCut: [InLane & { readonly ranMs: number }]
  /** A job went back into its lane. Only `transient` counts as an attempt. */
  deferred: [
    InLane & {
      readonly reason: DeferralReason
      readonly delayMs: number
    },
  ]
  /**
   * A lane cannot reach Bedrock, or Bedrock takes no calls of it: it sends one call now and then until one succeeds. Emitted
   * by the process whose call began it. `why` names the endpoint, the step that failed and what to look at.
   */
  outageBegan: [{ readonly lane: LaneName; readonly why: string }]
  /** A call of the lane succeeded again; by the process whose call it was. */
  outageEnded: [{ readonly lane: LaneName; readonly lastedMs: number }]
  /** A call was settled against a budget, or refused by it; it has one counter for each tenant, process or lane where it says so. */
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
  /** Of a budget, 80 or 100 % are spent: told once for each counter and period, by one process. */
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
  /** A budget in dollars met a model without a price: its calls count nothing. Told once for each model. */
  budgetUnpriced: [
    {
      readonly model: string
      readonly budget: string
      /** What its calls count: nothing, what the lanes file says of all such models, or they are not made. */
      readonly counts: 'nothing' | 'unpriced' | 'refused'
    },
  ]
  /**
   * The outcome of a job is stored. `retriesLeft` speaks of failures: 0 makes an incident. `executionMs` counts from when it was
   * taken out of its lane; null for one that ended while it waited.
   */
  answered: [
    {
      readonly jobKey: JobKey
      readonly processId: string
      readonly lane: LaneName
      readonly outcome: Outcome['kind']
      readonly errorType: string | null
      readonly retriesLeft: number | null
      readonly executionMs: number | null
      readonly template: ElementTemplate
    },
  ]
  /** A job was failed since it waited longer than it may. */
  expired: [InLane & { readonly sends: number }]
  /** Zeebe was told an outcome, or said that the job is gone. */
  reported: [
    OfJob & {
      readonly lane?: LaneName
      readonly outcome: Outcome['kind']
      readonly result: 'accepted' | 'gone' | 'notActive' | 'refused'
    },
  ]
  /** A report did not go through and is tried again. */
  reportDelayed: [OfJob & { readonly lane?: LaneName; readonly message: string; readonly status: string }]
  /** A partition of Zeebe takes no commands of this process of one kind: they wait, those of other partitions go on. Told once. */
  partitionAway: [
    {
      readonly partition: number
      readonly of: 'reports' | 'leases'
      readonly status: string
      readonly message: string
    },
  ]
  /** It takes them again. */
  partitionBack: [{ readonly partition: number; readonly of: 'reports' | 'leases'; readonly awayMs: number }]
  /** A stored payload could not be read, or another fault that concerns one job; the job is kept. */
  jobFault: [
    {
      readonly jobKey: string
      readonly processId?: string
      readonly lane: LaneName
      readonly error: unknown
    },
  ]
  /** Spans could not be delivered, or were dropped since there were too many. */
  spansLost: [
    {
      /** Host and port of the collector. */
      readonly to: string
      readonly message: string
    },
  ]
  /** A part this process needs is away or back. */
  dependency: [
    { readonly name: 'zeebe' | 'redis' | 'payloads'; readonly up: boolean; readonly message: string },
  ]
  /** Redis was asked what it is, and the answer is the first or another than before. */
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
  /** The file of lane rules was read, at start or since it changed, and is in force. Counts of rules. */
  laneRulesLoaded: [
    {
      readonly path: string
      readonly quotas: number
      readonly weights: number
      readonly routes: number
      readonly budgets: number
    },
  ]
  /** The file of lane rules is wrong or gone: the last good rules stay in force. */
  laneRulesRefused: [{ readonly path: string; readonly problems: readonly string[] }]
  /** An operator changed lanes. */
  lanesChanged: [
    {
      /** `user@host`. */
      readonly by: string
      readonly action: 'pace' | 'pause' | 'resume' | 'drain'
      readonly lanes: readonly LaneName[]
      /** What was asked for, in words. */
      readonly change: string
    },
  ]
  /** An operator asked for another try of a job: made due now, or its incident resolved, or neither. */
  jobRetried: [{ readonly jobKey: JobKey; readonly by: string; readonly result: RetryEnd }]
  /** An adapter carried out what an operator asked for: to resolve the incident of a job. */
  incidentRetried: [
    { readonly jobKey: JobKey; readonly by: string; readonly result: 'resolved' | 'nothing' | 'refused' },
  ]
  /** The dashboard lets nobody in, since nobody is set up for it. */
  dashboardLocked: [{ readonly reason: string }]
  /** Requests for the dashboard are forwarded by a proxy that is not trusted to say for whom. */
  dashboardForwarded: [{ readonly proxy: string; readonly warning: string }]
  /** The dashboard asks nobody who they are, on an address that others reach. */
  dashboardOpen: [{ readonly host: string; readonly warning: string }]
  /** What is stored of a job is not to be believed, or cannot be read by anybody: it is set aside, and met again in a minute. */
  payloadRefused: [
    {
      readonly jobKey: string
      readonly processId?: string
      readonly lane: LaneName
      readonly why: PayloadFault
      readonly message: string
    },
  ]
  /** Something was read that is in plaintext, or encrypted as version 1 does, while there is a payload key. */
  payloadOld: [{ readonly form: 'plaintext' | 'oldFormat' }]
  /** A payload was met under a key that this process lacks. `left`: others have it; else it is set aside. */
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
   * The event loop of this process was held for more than a second, in which no lock was renewed and no probe answered. With the
   * longest work of a job meanwhile, where there was any.
   */
  loopHeld: [{ readonly heldMs: number; readonly workMs?: number } & Partial<LoopWork>]
  /** A fault in our own work that no job owns. */
  fault: [{ readonly where: string; readonly error: unknown }]
}

export type Events = EventEmitter<QuarryEvents>

/** Events whose listeners cannot harm the work they are told of: what one throws is a fault, and the others are told. */
class GuardedEvents extends EventEmitter<QuarryEvents> {
  override emit<Name>(
    name: Name | keyof QuarryEvents,
    ...told: Name extends keyof QuarryEvents ? QuarryEvents[Name] : never
  ): boolean {
    const listeners: readonly ((...told: never[]) => unknown)[] = this.rawListeners(name)
    for (const listener of listeners) {
      try {
        const done = Reflect.apply(listener, this, told)
        if (done instanceof Promise) done.catch((error: unknown) => this.#failed(name, error))
      } catch (error) {
        this.#failed(name, error)
      }
    }
    return listeners.length > 0
  }

  #failed(name: unknown, error: unknown): void {
    // One that fails to tell of a fault would fail again.
    if (name === 'fault') process.emitWarning(error instanceof Error ? error : String(error))
    else this.emit('fault', { where: `telling of ${String(name)}`, error })
  }
}

export function makeEvents(): Events {
  return new GuardedEvents()
}
