// Turns the result of an execution into the outcome for Zeebe, by the connector's rules.

import type { CallOptions } from '../bedrock/call-options.ts'
import type { AnswerFile } from '../connector/answer-documents.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { optionsIn } from '../connector/bind-call.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { type ConnectorError, inputError, javaError, RUNTIME } from '../connector/connector-error.ts'
import type { StoreDocument } from '../connector/created-documents.ts'
import { unwritableResult } from '../connector/documents/unwritable-result.ts'
import type { Evaluate } from '../connector/evaluate-mapping.ts'
import { executionOutcome } from '../connector/execution-outcome.ts'
import { failureOutcome } from '../connector/failure-outcome.ts'
import { checkHeaders } from '../connector/headers.ts'
import type { ConnectorResponse } from '../connector/invoke-result.ts'
import { type Mask, maskThrown } from '../connector/secret-masking.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import type { Lane } from '../job/lane.ts'
import type { Outcome } from '../job/outcome.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { parseHeaders } from '../job/task-headers.ts'
import { timed } from '../telemetry/loop-work.ts'
import { ofJob } from '../telemetry/named-job.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/** The outcomes of queued jobs, each by its line of the connector. No method throws or rejects. */
export interface OutcomeRules {
  /** The error of a job with invalid headers, or whose answer could not be stored; null if there is none. */
  headerError(job: QueuedJob): ConnectorError | null
  /** @param mask - removes secret values from a failure. */
  failed(job: QueuedJob, error: ConnectorError, mask?: Mask): Promise<OutcomeFacts>
  responded(job: QueuedJob, responded: Responded, mask?: Mask): Promise<OutcomeFacts>
  /** A fault of Quarry fails its job, which would otherwise be retried, and paid, forever. */
  faulted(job: QueuedJob, fault: unknown, mask?: Mask): OutcomeFacts
}

/** A call and the connector's response to it. */
export interface Responded {
  readonly call: BedrockRequest['call']
  readonly response: JsonValue
  /** An answer that is not JSON. */
  readonly file?: AnswerFile
  /** Bytes of the answer. */
  readonly bytes?: number
  /** Why the model stopped. */
  readonly stopReason?: string
  /** The lane that answered, for the process; null if it can only be the job's own. */
  readonly ranIn: Lane | null
}

export interface OutcomeRuleParts {
  /** The line of jobs that have none. */
  readonly compatibility: Compatibility
  /** FEEL of the line of its owner. */
  readonly evaluate: Evaluate
  /** Stores the documents of `createDocument` (8.10); absent without a document store. */
  readonly storeDocument?: StoreDocument | undefined
  /** Called for each fault of Quarry. */
  readonly onFault: (job: QueuedJob, fault: unknown) => void
}

export function makeOutcomeRules(parts: OutcomeRuleParts): OutcomeRules {
  const { evaluate, storeDocument, onFault } = parts
  const lineOf = ({ line = parts.compatibility }: QueuedJob): Compatibility => line
  const context = (job: QueuedJob, mask: Mask = (text) => text, options = optionsIn(job.variables)) => ({
    options,
    retries: job.retries,
    headers: parseHeaders(job.customHeaders),
    compatibility: lineOf(job),
    evaluate: (expression: string, variables: JsonObject) => evaluate(expression, variables, job),
    storeDocument,
    mask,
  })
  const faulted = (job: QueuedJob, fault: unknown, mask?: Mask): OutcomeFacts => {
    onFault(job, mask === undefined ? fault : maskThrown(fault, mask))
    const kind = fault instanceof Error ? fault.name : 'unknown'
    const message = `Quarry met a fault of its own (${kind}) in job ${job.key}: its log has the details under this key. Please report it.`
    return { outcome: failureOutcome(javaError(RUNTIME, message), context(job)), errorType: RUNTIME }
  }
  const ended = (
    job: QueuedJob,
    result: ConnectorResponse,
    mask?: Mask,
    options?: CallOptions,
  ): Promise<OutcomeFacts> =>
    timed({ ...ofJob(job), stage: 'outcome' }, () =>
      executionOutcome(result, context(job, mask, options)),
    ).catch((fault: unknown) => faulted(job, fault, mask))
  return {
    headerError: (job) =>
      checkHeaders(parseHeaders(job.customHeaders), lineOf(job)) ??
      (storeDocument === undefined && optionsIn(job.variables).answerDocument === 'always'
        ? inputError(NO_STORE)
        : null),
    failed: (job, error, mask) => ended(job, { ok: false, error }, mask),
    async responded(job, { call, response, file, stopReason, ranIn }, mask) {
      const error = unwritableResult(call, parseHeaders(job.customHeaders), lineOf(job))
      const result: ConnectorResponse =
        error === null
          ? { ok: true, response, ...(file && { file }), ...(stopReason && { stopReason }) }
          : { ok: false, error }
      // The call has them: its variables may have some MB.
      const facts = await ended(job, result, mask, call.options)
      return ranIn === null ? facts : { ...facts, outcome: tellWhereItRan(facts.outcome, ranIn) }
    },
    faulted,
  }
}

const NO_STORE =
  "Nothing was sent to Bedrock: data.answerDocument is always, and there is no document store: no address of Camunda's REST API is set for the Quarry workers (ZEEBE_REST_ADDRESS)"

/** Process variable of a completed job of a lane with a route, as proof of the region that processed its data. */
const RAN_IN = 'quarryRanIn'

/** Adds the region and model that answered to a completion. Other outcomes stay as they are. */
function tellWhereItRan(outcome: Outcome, { region, model }: Lane): Outcome {
  if (outcome.kind !== 'completed') return outcome
  const { variables } = outcome
  const told = stringifyJson({ [RAN_IN]: { region, model } })
  if (variables === '{}') return { ...outcome, variables: told }
  // A result may have several MB: parse it only if it has such a variable itself.
  if (!variables.includes(`"${RAN_IN}"`))
    return { ...outcome, variables: `${variables.slice(0, -1)},${told.slice(1)}` }
  const read = parseJson(variables)
  if (!isJsonObject(read)) return outcome
  return { ...outcome, variables: stringifyJson({ ...read, [RAN_IN]: { region, model } }) }
}
