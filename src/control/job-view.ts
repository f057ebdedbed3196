// Where a job is and why it waits, in one sentence. Pure.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import type { JobState } from '../ledger/job-state.ts'
import type { OutageView } from './lane-overview.ts'

/**
 * Where the job is: in its lane, waiting in turn (`waiting`), until it is due (`delayed`) or with a worker (`active`); in
 * the `outbox`; with Zeebe, which may hand it out again (`zeebe`); or nowhere, although it should be in its lane (`missing`).
 */
export type JobPlace = 'waiting' | 'delayed' | 'active' | 'outbox' | 'zeebe' | 'missing'

/** A job for operators. Contains nothing of its payload or its answer. */
export interface JobView {
  readonly key: JobKey
  readonly epoch: number
  /** Null for a job that ended under an earlier version of Quarry, as the following three. */
  readonly tenantId: string | null
  /** BPMN process id. */
  readonly processId: string | null
  /** Id of its element in the diagram. */
  readonly elementId: string | null
  readonly processInstanceKey: string | null
  readonly lane: LaneName
  readonly account: string
  readonly region: string
  readonly model: string
  readonly state: JobState
  readonly place: JobPlace
  /** ms since it was accepted; null when it has ended. */
  readonly waitedMs: number | null
  /** ms until the lease of its activation ends; null once that was extended: then only Zeebe knows the end. */
  readonly leaseLeftMs: number | null
  /** Calls sent, without one that still runs. */
  readonly sends: number
  /** How many of them were throttled. */
  readonly throttles: number
  /** How many of them AWS did not execute, because of an outage. */
  readonly outages: number
  /** Starts that ended with a dead worker. */
  readonly deaths: number
  /** Jobs of its lane before it; null when it does not wait in turn. */
  readonly ahead: number | null
  /** ms until its turn by the pace of its lane, or until it is due; null when unknown. */
  readonly turnInMs: number | null
  /** Null before it is answered, and for a withdrawn job. */
  readonly outcome: Outcome['kind'] | null
  /** Name of the error of its outcome, and status; null for none. */
  readonly error: string | null
  /** ms since its outcome was stored; null before. */
  readonly endedAgoMs: number | null
  /** Name and status of the last error before its outcome, or the message of a budget; null for none. */
  readonly lastFailure: string | null
  /** One sentence: `waits for pace: 412 ahead, about 3 min`. */
  readonly why: string
}

/** Facts that the sentence needs beside the view. */
export interface JobCircumstances {
  readonly lane: {
    readonly state: 'running' | 'paused' | 'draining'
    /** Who paused or drained it, `user@host`; null when that is not known. */
    readonly by: string | null
    /** Whether any worker serves it. */
    readonly served: boolean
    /** Null when Bedrock takes its calls. */
    readonly outage: OutageView | null
    /** Left of a cooldown, ms. */
    readonly cooldownMs: number
    /** Reason of the cooldown; null when unknown. */
    readonly cooldownWhy: string | null
  }
  /** Whether it is delayed because a budget is used up. */
  readonly forBudget: boolean
  /** Since its latest start, ms; null before the first. */
  readonly startedMs: number | null
  /** Retries left after a failure; null for another outcome. */
  readonly retriesLeft: number | null
  /** Whether any adapter reads the outbox. */
  readonly reporting: boolean
}

/** Why a job waits. Of several reasons, the one that must end first. */
export function whyItWaits(view: Omit<JobView, 'why'>, circumstances: JobCircumstances): string {
  switch (view.state) {
    case 'queued':
    case 'running':
      return whyHeld(view, circumstances)
    case 'answered':
      return circumstances.reporting
        ? `${unreported(view)}: an adapter reports it as soon as Zeebe accepts it`
        : `${unreported(view)}: no adapter is running`
    case 'released':
      return whyReleased(circumstances.retriesLeft)
    case 'kept':
      return 'is answered, but another worker had failed it: its result is reported when Zeebe hands it out again'
    case 'done':
      if (view.outcome === null) return 'is done: Zeebe no longer has it'
      return `is done: ${ENDS[view.outcome]}`
  }
}

const ENDS: Readonly<Record<Outcome['kind'], string>> = {
  completed: 'Zeebe accepted its completion',
  bpmnError: 'Zeebe accepted its BPMN error',
  failed: 'Zeebe no longer needed its failure',
}

function unreported({ outcome }: Omit<JobView, 'why'>): string {
  return `is answered${outcome === null ? '' : ` (${outcome})`}, and its result is not yet reported`
}

function whyReleased(retriesLeft: number | null): string {
  if (retriesLeft === 0) return 'failed with no retries left: Camunda has an incident for it'
  const left = retriesLeft === null ? '' : `, ${retriesLeft} ${retriesLeft === 1 ? 'retry' : 'retries'} left`
  return `failed${left}: Zeebe hands it out again after its back-off`
}

function whyHeld(view: Omit<JobView, 'why'>, circumstances: JobCircumstances): string {
  const { place, state, lastFailure } = view
  const { lane, startedMs, forBudget } = circumstances
  if (place === 'active') {
    const since = startedMs === null ? '' : ` for ${roughly(startedMs)}`
    const away = lane.outage === null ? '' : `; ${ofOutage(lane.outage)}`
    return state === 'queued'
      ? 'is being started by a worker'
      : `is with a worker${since}: its call runs, or waits there for its turn${away}`
  }
  if (place === 'missing') {
    return state === 'running'
      ? 'is recorded as running, but is not in its lane: Zeebe hands it out again once its worker is known to be gone'
      : 'is in no lane: an adapter lets Zeebe hand it out again, within seconds'
  }
  if (lane.state === 'paused') return `waits: its lane is paused${by(lane.by)}`
  if (!lane.served) return 'waits: no running worker serves its lane'
  if (place === 'delayed' && forBudget) {
    const checks = view.turnInMs === null ? '' : `, checks again in ${roughly(view.turnInMs)}`
    return `waits for a budget${checks}${lastFailure === null ? '' : `: ${lastFailure}`}`
  }
  if (lane.outage !== null) return `waits: ${ofOutage(lane.outage)}`
  if (place === 'delayed') return whyDelayed(view)
  if (lane.cooldownMs > 0) {
    const since = lane.cooldownWhy === null ? '' : `, as ${lane.cooldownWhy}`
    return `waits for the cooldown of its lane${since}: ${roughly(lane.cooldownMs)} left, ${ahead(view)}`
  }
  const drained = lane.state === 'draining' ? `, its lane is being drained${by(lane.by)}` : ''
  return `waits for pace: ${ahead(view)}, ${turn(view)}${drained}`
}

function ofOutage({ lastedMs, why }: OutageView): string {
  return `its lane has been in an outage for ${roughly(lastedMs)}: ${why}`
}

function whyDelayed({ lastFailure, turnInMs, deaths }: Omit<JobView, 'why'>): string {
  const next = turnInMs === null ? 'soon' : `in ${roughly(turnInMs)}`
  if (deaths > 0) return `is delayed because ${deaths} of its workers died: next try ${next}`
  if (lastFailure !== null) return `is delayed after ${lastFailure}: next try ${next}`
  return `is delayed by its worker: next try ${next}`
}

function by(who: string | null): string {
  return who === null ? '' : ` by ${who}`
}

function ahead({ ahead: count }: Omit<JobView, 'why'>): string {
  if (count === null || count === 0) return 'none ahead'
  return `${count} ahead`
}

function turn({ turnInMs }: Omit<JobView, 'why'>): string {
  return turnInMs === null ? 'time unknown' : `about ${roughly(turnInMs)}`
}

const STEPS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
] as const

/** A duration for people, in one unit: `3 min`. */
export function roughly(ms: number): string {
  const step = STEPS.find((each) => ms >= 1.5 * each.ms)
  if (step === undefined) return `${Math.max(0, Math.round(ms / 1_000))} s`
  return `${Math.round(ms / step.ms)} ${step.unit}`
}
