// What a queued job asks of Bedrock, with the values of its secrets: read anew for each call, so that they are stored
// nowhere. Calls nothing but the sources of secrets.
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type BindOptions, bindRequest } from '../connector/bind-request.ts'
import { type Mask, makeMask, type UsedSecret } from '../connector/secret-masking.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { SecretResolver } from '../secrets/secret-resolver.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/** A request, and what keeps its secrets out of all that is told of it. */
export interface ReadRequest {
  readonly kind: 'request'
  readonly request: BedrockRequest
  readonly used: readonly UsedSecret[]
  readonly mask: Mask
}

/** What a job comes to without a call. */
export interface EndedUnread {
  readonly kind: 'ended'
  readonly facts: OutcomeFacts
}

/** Never rejects. */
export type ReadJob = (job: QueuedJob) => Promise<ReadRequest | EndedUnread>

export interface ReadParts extends BindOptions {
  readonly rules: OutcomeRules
  readonly secrets: SecretResolver
}

/** Reads jobs as the connector does: headers, secrets, binding; the first thing that is wrong is what is told. */
export function makeReadJob(parts: ReadParts): ReadJob {
  const { rules, secrets } = parts
  return async (job) => {
    const wrongHeader = rules.headerError(job)
    if (wrongHeader !== null) return { kind: 'ended', facts: await rules.failed(job, wrongHeader) }
    let mask: Mask | undefined
    try {
      const resolved = await secrets.resolve(job, job.variables)
      if (!resolved.ok) return { kind: 'ended', facts: await rules.failed(job, resolved.error) }
      const { used, variables } = resolved
      mask = makeMask(used)
      const bound = bindRequest(variables, parts)
      if (!bound.ok) return { kind: 'ended', facts: await rules.failed(job, bound.error, mask) }
      return { kind: 'request', request: bound.request, used, mask }
    } catch (fault) {
      return { kind: 'ended', facts: rules.faulted(job, fault, mask) }
    }
  }
}
