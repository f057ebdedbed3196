// What a task may call, as its operator says: of the models and regions that it may name, those that the lanes file allows its tenant; of
// endpoints, since signed requests go there, those that are allowed. Pure.
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { isAllowed } from '../rules/allowed-lanes.ts'
import type { AllowRule } from '../rules/lane-rules.ts'

/** What a job fails with before anything is sent; null: it may be sent. */
export type CheckLane = (job: Pick<QueuedJob, 'tenantId'>, request: BedrockRequest) => ConnectorError | null

/** @param allow - the rules of this moment; undefined: there are none, and everything is allowed. */
export function makeLaneCheck(allow: () => readonly AllowRule[] | undefined): CheckLane {
  return ({ tenantId }, { region, call: { modelId: model } }) =>
    isAllowed(allow(), tenantId, { region, model })
      ? null
      : inputError(
          `The model ${model} in ${region} is not allowed for tenant ${tenantId}: no entry of "allow" in the lanes file of Quarry (QUARRY_LANES_FILE) fits. Add one there, or change region or model of the task.`,
        )
}

/** Gives the request with its endpoint as the operator wrote it, or what the job fails with before anything is sent. */
export type CheckEndpoint = (
  request: BedrockRequest,
) =>
  | { readonly ok: true; readonly request: BedrockRequest }
  | { readonly ok: false; readonly error: ConnectorError }

/** @param endpointAllow endpoints that a diagram may name (`QUARRY_ENDPOINT_ALLOW`). */
export function makeEndpointCheck(endpointAllow: readonly string[]): CheckEndpoint {
  // By what a diagram may write, what is called: the text of the setting, so that there are no two readings of one text.
  const allowed = new Map(endpointAllow.map((endpoint) => [normalised(endpoint), endpoint]))
  return (request) => {
    if (request.endpoint === undefined) return { ok: true, request }
    const endpoint = allowed.get(normalised(request.endpoint))
    if (endpoint === undefined) return { ok: false, error: refused(request.endpoint) }
    return { ok: true, request: { ...request, endpoint } }
  }
}

/** The same for `https://Host` and `https://host/`. What is no URL is only like itself. */
function normalised(endpoint: string): string {
  return URL.parse(endpoint.trim())?.href.replace(/\/$/, '') ?? endpoint
}

/** Shows the endpoint whole: a secret in it is masked later, and a piece of one would not be. */
function refused(endpoint: string): ConnectorError {
  const shown = endpoint.replace(/^([^/\\]*[/\\]*)[^/\\]*@/, '$1***@')
  return inputError(
    `The endpoint ${shown} of this task is not allowed: signed requests would go there. Add it to QUARRY_ENDPOINT_ALLOW of the Quarry workers to allow it, or clear the task's endpoint.`,
  )
}
