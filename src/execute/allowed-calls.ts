// What a task may call and with which credentials, by the operator's rules: models and regions that the lanes file allows its tenant, roles, and
// allowed endpoints, since signed requests go there. Pure.
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { isAllowed } from '../rules/allowed-lanes.ts'
import { mayNameRole, ruledCredential } from '../rules/credential-rules.ts'
import type { AllowRule, LaneRules } from '../rules/lane-rules.ts'
import type { JobOwner } from '../rules/pattern.ts'

/** The error of a job that may not be sent; null: it may. */
export type CheckLane = (job: Pick<QueuedJob, 'tenantId'>, request: BedrockRequest) => ConnectorError | null

/** @param allow - the current rules; undefined: no rules, everything is allowed. */
export function makeLaneCheck(allow: () => readonly AllowRule[] | undefined): CheckLane {
  return ({ tenantId }, { region, call: { modelId: model } }) =>
    isAllowed(allow(), tenantId, { region, model })
      ? null
      : inputError(
          `The model ${model} in ${region} is not allowed for tenant ${tenantId}: no entry of "allow" in the lanes file of Quarry (QUARRY_LANES_FILE) fits. Add one there, or change region or model of the task.`,
        )
}

type Checked =
  | { readonly ok: true; readonly request: BedrockRequest }
  | { readonly ok: false; readonly error: ConnectorError }

/** Returns the request with the credential that counts, or the error of a job whose role may not be assumed. */
export type CheckCredential = (job: JobOwner, request: BedrockRequest) => Checked

/** @param rules - the current ones of the lanes file. */
export function makeCredentialCheck(
  rules: () => Pick<LaneRules, 'credentials' | 'taskRoles'>,
): CheckCredential {
  return (job, request) => {
    const { credentials: named, region } = request
    const { credentials: all, taskRoles } = rules()
    const ruled = ruledCredential(all, job, { region, names: named.kind !== 'chain' })
    if (ruled !== null) return { ok: true, request: { ...request, credentials: ruled } }
    if (named.kind !== 'role' || named.by.kind !== 'chain' || mayNameRole(taskRoles, job, named.roleArn))
      return { ok: true, request }
    return {
      ok: false,
      error: inputError(
        `Nothing was sent to Bedrock: authentication.roleArn: ${named.roleArn} is not allowed for process ${job.bpmnProcessId} of tenant ${job.tenantId}: no entry of "taskRoles" in the lanes file of Quarry (QUARRY_LANES_FILE) fits, and the role would be assumed with the worker's own credentials. Add one there, or give the task access keys that may assume the role.`,
      ),
    }
  }
}

/** Returns the request with its endpoint as the operator wrote it, or the error of a job that may not be sent. */
export type CheckEndpoint = (request: BedrockRequest) => Checked

/** @param endpointAllow - endpoints that diagrams may name (`QUARRY_ENDPOINT_ALLOW`). */
export function makeEndpointCheck(endpointAllow: readonly string[]): CheckEndpoint {
  // Call the text of the setting, not that of the diagram: two parsers could read the diagram's text differently.
  const allowed = new Map(endpointAllow.map((endpoint) => [normalised(endpoint), endpoint]))
  return (request) => {
    if (request.endpoint === undefined) return { ok: true, request }
    const endpoint = allowed.get(normalised(request.endpoint))
    if (endpoint === undefined) return { ok: false, error: refused(request.endpoint) }
    return { ok: true, request: { ...request, endpoint } }
  }
}

/** Equal for `https://Host` and `https://host/`. Text that is no URL stays as it is. */
function normalised(endpoint: string): string {
  return URL.parse(endpoint.trim())?.href.replace(/\/$/, '') ?? endpoint
}

/** Shows the whole endpoint: masking finds whole secrets later, and would miss a part of one. */
function refused(endpoint: string): ConnectorError {
  const shown = endpoint.replace(/^([^/\\]*[/\\]*)[^/\\]*@/, '$1***@')
  return inputError(
    `The endpoint ${shown} of this task is not allowed: signed requests would go there. Add it to QUARRY_ENDPOINT_ALLOW of the Quarry workers to allow it, or clear the task's endpoint.`,
  )
}
