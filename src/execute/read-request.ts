// What a queued job asks of Bedrock, with the values of its secrets and the contents of its documents: read anew for
// each call, so that they are stored nowhere.
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import type { BindOptions } from '../connector/bind-request.ts'
import { type Mask, makeMask, type UsedSecret } from '../connector/secret-masking.ts'
import type { DocumentSession } from '../documents/document-source.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { SecretResolver } from '../secrets/secret-resolver.ts'
import type { CheckEndpoint } from './allowed-endpoint.ts'
import { bindJob } from './bind-job.ts'
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

/**
 * Never rejects; `stopped` when `signal` is aborted before there is a request.
 * @param documents - to be kept open until the request is sent.
 */
export type ReadJob = (
  job: QueuedJob,
  documents: DocumentSession,
  signal: AbortSignal,
) => Promise<ReadRequest | EndedUnread | { readonly kind: 'stopped' }>

export interface ReadParts {
  readonly rules: OutcomeRules
  readonly secrets: SecretResolver
  readonly bindOptions: BindOptions
  readonly checkEndpoint: CheckEndpoint
}

/** Reads jobs as the connector does: headers, secrets, binding; the first thing that is wrong is what is told. */
export function makeReadJob({ rules, secrets, bindOptions, checkEndpoint }: ReadParts): ReadJob {
  const ended = (facts: OutcomeFacts): EndedUnread => ({ kind: 'ended', facts })
  return async (job, documents, signal) => {
    const wrongHeader = rules.headerError(job)
    if (wrongHeader !== null) return ended(await rules.failed(job, wrongHeader))
    let mask: Mask | undefined
    try {
      const resolved = await secrets.resolve(job, job.variables)
      if (!resolved.ok) return ended(await rules.failed(job, resolved.error))
      const { used, variables } = resolved
      mask = makeMask(used)
      const bound = await bindJob(variables, documents, { ...bindOptions, signal })
      if (!bound.ok) return ended(await rules.failed(job, bound.error, mask))
      const checked = checkEndpoint(bound.request)
      if (!checked.ok) return ended(await rules.failed(job, checked.error, mask))
      return { kind: 'request', request: checked.request, used, mask }
    } catch (fault) {
      return signal.aborted ? { kind: 'stopped' } : ended(rules.faulted(job, fault, mask))
    }
  }
}
