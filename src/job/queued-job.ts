// What the adapter sends to a worker through Redis, and its text form.
import type { ActivatedJob } from './activated-job.ts'
import { type JobKey, jobKey as readJobKey } from './ids.ts'
import { isJsonObject, parseJson, stringifyJson } from './json.ts'
import { LINES, type Line } from './line.ts'
import { taskHeader } from './task-headers.ts'

/** The part of an activated job that execution needs. Kept small: thousands of these wait in Redis. */
export interface QueuedJob {
  readonly key: JobKey
  /** Which of the orders that Zeebe gave under this key: see `job-state.ts`. */
  readonly epoch: number
  readonly processInstanceKey: string
  readonly bpmnProcessId: string
  /** Identifies the version of the process: its XML defines which secrets the task may use. */
  readonly processDefinitionKey: string
  readonly elementId: string
  readonly tenantId: string
  /** Retries left when the job was activated. */
  readonly retries: number
  /** JSON text of an object of strings. */
  readonly customHeaders: string
  /** JSON text of an object. */
  readonly variables: string
  /** The line of the connector under which it was accepted. Absent in jobs of versions that knew none. */
  readonly line?: Line
}

/** BullMQ id of one epoch of a job. A bare key would be refused or, added again, silently ignored. */
export function queuedJobId(key: JobKey, epoch: number): string {
  return `z-${key}-${epoch}`
}

/** The job key in a BullMQ id; null for an id that is not ours. */
export function keyOfQueued(id: string): JobKey | null {
  const [, key] = /^z-(\d{1,20})-\d+$/.exec(id) ?? []
  return key === undefined ? null : readJobKey(key)
}

export function queuedJob(job: ActivatedJob, epoch: number): QueuedJob {
  const { key, processInstanceKey, bpmnProcessId, processDefinitionKey, elementId } = job
  const { tenantId, retries, customHeaders, variables } = job
  return {
    key,
    epoch,
    processInstanceKey,
    bpmnProcessId,
    processDefinitionKey,
    elementId,
    tenantId,
    retries,
    customHeaders,
    variables,
  }
}

/** Field order of the text form. A change here makes a new payload version. */
export function writeQueuedJob(job: QueuedJob): string {
  return JSON.stringify([
    job.key,
    job.epoch,
    job.processInstanceKey,
    job.bpmnProcessId,
    job.processDefinitionKey,
    job.elementId,
    job.tenantId,
    job.retries,
    withLine(job.customHeaders, job.line),
    job.variables,
  ])
}

/** Among the headers, where earlier versions of Quarry, which may still run, ignore it. */
const LINE_HEADER = 'quarry.line'

function withLine(customHeaders: string, line: Line | undefined): string {
  if (line === undefined) return customHeaders
  const headers = parseJson(customHeaders)
  return stringifyJson({ ...(isJsonObject(headers) ? headers : {}), [LINE_HEADER]: line })
}

function lineIn(customHeaders: string): { readonly line?: Line } {
  const line = LINES.find((one) => one === taskHeader(customHeaders, LINE_HEADER))
  return line === undefined ? {} : { line }
}

/** @throws TypeError when the text is not what {@link writeQueuedJob} wrote. */
export function readQueuedJob(text: string): QueuedJob {
  const fields: unknown = JSON.parse(text)
  if (!Array.isArray(fields) || fields.length !== 10) throw new TypeError('Not a queued job')
  const [
    key,
    epoch,
    processInstanceKey,
    bpmnProcessId,
    processDefinitionKey,
    elementId,
    tenantId,
    retries,
    customHeaders,
    variables,
  ] = fields.map(String)
  return {
    key: readJobKey(key ?? ''),
    epoch: Number(epoch),
    processInstanceKey: processInstanceKey ?? '',
    bpmnProcessId: bpmnProcessId ?? '',
    processDefinitionKey: processDefinitionKey ?? '',
    elementId: elementId ?? '',
    tenantId: tenantId ?? '',
    retries: Number(retries),
    customHeaders: customHeaders ?? '{}',
    variables: variables ?? '{}',
    ...lineIn(customHeaders ?? '{}'),
  }
}
