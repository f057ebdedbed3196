// The fields by which events and spans name a job. Pure.
import type { ActivatedJob } from '../job/activated-job.ts'
import type { JobKey, LaneName } from '../job/ids.ts'
import type { SpanAttributes } from './tracing.ts'

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
