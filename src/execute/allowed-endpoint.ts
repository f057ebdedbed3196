// Whether the endpoint that a task names itself may be called: signed requests go there, so an operator has to allow it.
// Pure.
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type ConnectorError, inputError } from '../connector/connector-error.ts'

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
