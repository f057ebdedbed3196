// Adds the metadata of its job to a request, right before it is sent. Pure.
import { withJobMetadata } from '../bedrock/request-metadata.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { stringifyJson } from '../job/json.ts'
import type { QueuedJob } from '../job/queued-job.ts'

/** `QUARRY_REQUEST_METADATA`. */
export type MetadataRule = 'auto' | 'always' | 'never'

const HEADER = 'x-amzn-bedrock-request-metadata'

/**
 * What the task sets itself is always sent. Converse has the metadata in its body: `auto` leaves the body of a task with stock inputs as the
 * stock connector sends it.
 */
export function withMetadata(request: BedrockRequest, job: QueuedJob, rule: MetadataRule): BedrockRequest {
  const { call } = request
  const { metadata = {} } = call
  const isStock = call.metadata === undefined
  if (call.action !== 'converse' && call.action !== 'invokeModel') return request
  const adds = rule === 'always' || (rule === 'auto' && (call.action === 'invokeModel' || !isStock))
  const sent = adds ? withJobMetadata(metadata, metadataOf(job)) : metadata
  if (Object.keys(sent).length === 0) return request
  const text = stringifyJson(sent)
  if (call.action === 'invokeModel')
    return { ...request, call: { ...call, headers: { ...call.headers, [HEADER]: text } } }
  const fields = call.body.slice(1, -1)
  const body = `{${fields}${fields === '' ? '' : ','}"requestMetadata":${text}}`
  return { ...request, call: { ...call, body } }
}

function metadataOf({ bpmnProcessId, processInstanceKey, elementId, tenantId, key }: QueuedJob) {
  return {
    process: bpmnProcessId,
    processInstance: processInstanceKey,
    element: elementId,
    tenant: tenantId,
    job: key,
  }
}
