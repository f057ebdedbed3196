// The adapter's spans of a job. Its activation begins the trace, or continues the one that its diagram or starter named. The way into its
// lane is a child of that, and the parent of the executions.
import type { LeasedJob } from '../job/activated-job.ts'
import type { LaneName } from '../job/ids.ts'
import { splitOwnVariable } from '../job/own-variable.ts'
import { givenTrace, TRACE_PARENT } from '../job/trace-parent.ts'
import { jobAttributes } from '../telemetry/named-job.ts'
import type { Span, Tracing } from '../telemetry/tracing.ts'

/** A job that was activated, and its span. */
export interface Activation {
  readonly job: LeasedJob
  /** Without the variable that names a trace. */
  readonly variables: string
  readonly span: Span
}

export function startActivation(tracing: Tracing, job: LeasedJob): Activation {
  if (!tracing.on) return { job, variables: job.variables, span: tracing.current() }
  const { own, others } = splitOwnVariable(job.variables, TRACE_PARENT)
  const span = tracing.start({
    name: `activate ${job.type}`,
    kind: 'consumer',
    parent: givenTrace(job.customHeaders, own),
    attributes: {
      ...jobAttributes(job),
      'messaging.system': 'zeebe',
      'messaging.operation.name': 'activate',
      'messaging.operation.type': 'receive',
      'messaging.destination.name': job.type,
    },
  })
  return { job, variables: others, span }
}

/** @param parent - the job's activation. */
export function startEnqueue(tracing: Tracing, job: LeasedJob, lane: LaneName, parent: Span): Span {
  return tracing.start({
    name: `enqueue ${lane}`,
    kind: 'producer',
    parent,
    attributes: {
      ...jobAttributes(job),
      'quarry.lane': lane,
      'messaging.system': 'bullmq',
      'messaging.operation.name': 'enqueue',
      'messaging.operation.type': 'send',
      'messaging.destination.name': lane,
    },
  })
}

export function endAll(traced: readonly { readonly span: Span }[]): void {
  for (const { span } of traced) span.end()
}
