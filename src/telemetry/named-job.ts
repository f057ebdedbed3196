// The fields by which events and spans name a job. Pure.
import type { ActivatedJob } from '../job/activated-job.ts'
import type { JobKey, LaneName } from '../job/ids.ts'
import type { SpanAttributes } from './tracing.ts'

/** A job, as events name it. The process is absent when unknown. */
export interface OfJob {
  readonly jobKey: JobKey
  readonly processId?: string
}

/** A job that is in a lane. */
export interface InLane extends OfJob {
  readonly lane: LaneName
}

/** Work that may block the event loop: whose it is, and which part of it. */
export interface LoopWork {
  readonly stage: 'decode' | 'route' | 'store' | 'secrets' | 'bind' | 'send' | 'outcome'
  /** Of the job; its id in the queue where it could not be read yet. */
  readonly jobKey: string
  readonly processId: string
  readonly lane?: LaneName
}

/** For an event. */
export function ofJob(job: Pick<ActivatedJob, 'key' | 'bpmnProcessId'>): {
  readonly jobKey: JobKey
  readonly processId: string
} {
  return { jobKey: job.key, processId: job.bpmnProcessId }
}

/** For an event of a job that is in a lane. */
export function jobInLane(job: Pick<ActivatedJob, 'key' | 'bpmnProcessId'>, lane: LaneName) {
  return { ...ofJob(job), lane }
}

/** For a span. */
export function jobAttributes(
  job: Pick<ActivatedJob, 'key' | 'bpmnProcessId' | 'elementId' | 'processInstanceKey' | 'tenantId'>,
): SpanAttributes {
  return {
    'camunda.job.key': job.key,
    'camunda.process.id': job.bpmnProcessId,
    'camunda.process_instance.key': job.processInstanceKey,
    'camunda.element.id': job.elementId,
    'camunda.tenant.id': job.tenantId,
  }
}
