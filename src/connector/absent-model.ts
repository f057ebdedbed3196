// Recognises AWS's errors for a model that an account does not have in a region. Pure. For the lane that a diagram names, the diagram is
// wrong; for a lane that a route leads to, the route is.
import type { CallFailure } from '../job/call-failure.ts'

/** AccessDeniedException and ResourceNotFoundException: models that the account may not call, or that do not exist (any more). */
const STATUS = new Set([403, 404])

/** Texts of ValidationException, status 400, as AWS gives them. */
const TEXTS = [
  // "The provided model identifier is invalid.": no such model or profile in the region.
  /model identifier is invalid/i,
  // "Invocation of model ID … with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an
  // inference profile that contains this model."; "The provided model doesn't support on-demand throughput."
  /on-demand throughput/i,
  // "The provided inference profile identifier is invalid", "The provided ARN is invalid for the service region."
  /(inference profile|model|profile)( id| identifier| arn)? is (invalid|not valid)/i,
  /arn is invalid/i,
  // "… is not supported in this Region", "The model is not available in your region."
  /(not|n['’]t) (supported|available|offered) (in|for) (this|your|the|that)( aws)? (region|account|location)/i,
  /unsupported (region|countr)/i,
  // "Access to Anthropic models is not allowed from unsupported countries, regions, or territories."
  /not allowed from unsupported/i,
  // "Operation not allowed": the account may call no model there.
  /^operation not allowed\b/i,
  // "Could not resolve the foundation model from the provided model identifier.", "Model not found"
  /could not resolve the (foundation|imported|custom) model/i,
  /model (was )?not found/i,
  /end of (its|their) life/i,
  /don['’]t have access to the model/i,
]

/** Whether a failed call means that this account does not have the model. */
export function lacksModel({ status, message }: CallFailure): boolean {
  if (status === undefined) return false
  return STATUS.has(status) || (status === 400 && TEXTS.some((text) => text.test(message)))
}
