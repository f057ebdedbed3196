// The end of an execution: from the connector's response or failure, through the output variables and the error expression, to the outcome
// for Zeebe (contract 3.4 to 3.6). Pure: the FEEL engine is passed in.
import { type CallOptions, STOCK_OPTIONS } from '../bedrock/call-options.ts'
import { type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import type { Outcome } from '../job/outcome.ts'
import type { Headers } from '../job/task-headers.ts'
import { packAnswer, storeAnswer } from './answer-documents.ts'
import type { AwsFacts, ConnectorError } from './connector-error.ts'
import { type AskedError, type Examined, examineErrorExpression } from './error-expression.ts'
import type { Engine } from './evaluate-mapping.ts'
import {
  cutMessage,
  errorText,
  errorVariable,
  expressionFailure,
  failureOutcome,
  jobErrorOutcome,
  nullPointer,
} from './failure-outcome.ts'
import type { ConnectorResponse } from './invoke-result.ts'
import { isBlank } from './java-text.ts'
import { hashMapText } from './java-value-text.ts'
import {
  type OutputVariables,
  outputVariables,
  responseText,
  sizeError,
  tooLargeError,
  tooLargeForVariables,
} from './output-variables.ts'
import { maskError, maskOutcome } from './secret-masking.ts'

/** What the outcome depends on besides the response. */
interface OutcomeContext extends Engine {
  /** @default those of a task with stock inputs only */
  readonly options?: CallOptions
  /** Retries the job had left when it was activated. */
  readonly retries: number
  readonly headers: Headers
}

/** The result of an execution. */
interface ExecutionEnd {
  readonly outcome: Outcome
  /** Java class name of the error, also of one that the error expression caught; null for none. */
  readonly errorType: string | null
  /** The error for people: AWS's name and status, or the last part of the class name; contains no prompt. @default by the class name */
  readonly errorName?: string
}

/** The end of a job, given the connector's response or failure. */
export async function executionOutcome(
  result: ConnectorResponse,
  context: OutcomeContext,
): Promise<ExecutionEnd> {
  if (!result.ok) return examined(failedSoFar(result.error, context), context)
  const stored = await storeAnswer(result.response, result.file, context)
  if (!stored.ok) return examined(failedSoFar(stored.error, context), context)
  const { response, output } = await mapped(stored.response, context)
  if (!output.ok) return examined(failedSoFar(output.error, context), context)
  const soFar = succeededSoFar(response, output, context)
  return examined({ ...soFar, caught: caughtStop(result, output.json, context) }, context)
}

interface MappedResponse {
  readonly response: JsonValue
  readonly output: OutputVariables
}

/** The output variables; a response that is too large for them becomes a document if the task says so. */
async function mapped(response: JsonValue, context: OutcomeContext): Promise<MappedResponse> {
  const { headers, options: { answerDocument } = STOCK_OPTIONS } = context
  const output = await outputVariables(response, headers, context)
  if (answerDocument === 'never' || !isTooLarge(response, output)) return { response, output }
  if (answerDocument === 'always') return { response, output: refusedSize(output) }
  const packed = await packAnswer(response, context)
  if (!packed.ok) return { response, output: packed }
  return {
    response: packed.response,
    output: refusedSize(await outputVariables(packed.response, headers, context)),
  }
}

/** Also if a result expression failed with such a response: it may be too large for FEEL. */
function isTooLarge(response: JsonValue, output: OutputVariables): boolean {
  if (output.ok) return tooLargeForVariables(output.json)
  return output.isTooLarge === true || tooLargeForVariables(stringifyJson(response))
}

/** Variables that are too large are an error in each version line: the task relies on it that they are not. */
function refusedSize(output: OutputVariables): OutputVariables {
  if (!output.ok || !tooLargeForVariables(output.json)) return output
  return { ok: false, error: tooLargeError(output.json) }
}

/** The BPMN error of an answer whose stop reason the task wants one for. */
function caughtStop(
  { stopReason }: Extract<ConnectorResponse, { readonly ok: true }>,
  variables: string,
  { options = STOCK_OPTIONS }: OutcomeContext,
): Outcome | null {
  if (stopReason === undefined || !options.bpmnErrors.includes(stopReason)) return null
  const errorMessage = `Bedrock's answer ended with ${stopReason}.`
  return { kind: 'bpmnError', errorCode: stopReason, errorMessage, variables }
}

/** The BPMN error of a failure that the task wants one for, by AWS's name of it. */
function caughtFailure({ aws, message, code }: ConnectorError, variables: string, names: readonly string[]) {
  const errorCode = [aws?.name, code].find((name) => name !== undefined && names.includes(name))
  if (errorCode === undefined) return null
  return { kind: 'bpmnError' as const, errorCode, errorMessage: cutMessage(message), variables }
}

/** The outcome unless the error expression changes it, and what the expression sees. */
interface SoFar extends ExecutionEnd {
  readonly response: JsonValue
  /** What Java prints of it; only needed for error messages of expressions. */
  readonly text: () => string
  /** Takes the place of the outcome if the error expression asks for nothing. */
  readonly caught?: Outcome | null
}

function failedSoFar(failure: ConnectorError, context: OutcomeContext): SoFar {
  const { options = STOCK_OPTIONS } = context
  const masked = maskError(failure, context.mask)
  const error = options.resultDetails ? withAwsFacts(masked) : masked
  const outcome = failureOutcome(error, context)
  return {
    outcome,
    caught: caughtFailure(error, outcome.variables, options.bpmnErrors),
    errorType: error.type,
    ...(error.aws === undefined ? {} : { errorName: awsName(error.aws) }),
    response: { error: errorVariable(error) },
    text: () => errorText(error),
  }
}

/** AWS's name of the error, and its status. */
function awsName({ name, status }: AwsFacts): string {
  const shown = SAFE_NAME.test(name) ? name : 'an error of AWS'
  return status === null ? shown : `${shown} (${status})`
}

/** Error names are AWS's, the SDK's or Node's. */
const SAFE_NAME = /^[\w.#:/-]{1,100}$/

/** `error.code` is AWS's name, where the stock connector sets none. */
function withAwsFacts(error: ConnectorError): ConnectorError {
  const { aws } = error
  if (aws === undefined) return error
  const { name, status, retryable } = aws
  return { ...error, code: error.code ?? name, shown: { status, retryable } }
}

/** If there are output variables, the error expression does not see the response, unless the task asks for all details. */
function succeededSoFar(
  response: JsonValue,
  { variables, json }: { readonly variables: JsonObject; readonly json: string },
  { headers: { resultVariable = '' }, options = STOCK_OPTIONS }: OutcomeContext,
): SoFar {
  const isSeen = options.resultDetails
  const count = Object.keys(variables).length
  return {
    outcome: { kind: 'completed', variables: json },
    errorType: null,
    response: isSeen || count === 0 ? response : variables,
    text: () =>
      isSeen || count === 0
        ? responseText(response)
        : hashMapText(variables, isBlank(resultVariable) ? count : 0),
  }
}

async function examined(soFar: SoFar, context: OutcomeContext): Promise<ExecutionEnd> {
  const { outcome, errorType, errorName, response, text, caught = null } = soFar
  const error = { errorType, ...(errorName !== undefined && { errorName }) }
  const { errorExpression = '' } = context.headers
  const seen: Examined = { response, text, retries: context.retries }
  const examination = await examineErrorExpression(errorExpression, seen, context)
  if (!examination.ok) return failedExpression(examination.error, context)
  if (examination.asked === null) return { outcome: caught ?? outcome, ...error }
  const asked = cutOutcome(maskOutcome(askedOutcome(examination.asked, context), context.mask))
  const tooLarge = sizeError(asked.variables, context.compatibility)
  return tooLarge === null ? { outcome: asked, ...error } : failedExpression(tooLarge, context)
}

function failedExpression(error: ConnectorError, { compatibility, mask }: OutcomeContext): ExecutionEnd {
  return { outcome: expressionFailure(maskError(error, mask), compatibility), errorType: error.type }
}

/** The last step: if a message were cut before masking, it could end with the beginning of a secret. */
function cutOutcome(outcome: Outcome): Outcome {
  if (outcome.kind === 'completed') return outcome
  return { ...outcome, errorMessage: cutMessage(outcome.errorMessage) }
}

/** Its message is neither masked nor cut yet. */
function askedOutcome(asked: AskedError, { compatibility }: OutcomeContext): Outcome {
  switch (asked.kind) {
    case 'bpmnError': {
      const { errorCode, errorMessage } = asked
      const variables = stringifyJson(asked.variables)
      // Camunda's client does not accept null for a message; 8.10 does not pass null.
      if (errorMessage === null && compatibility !== '8.10')
        return expressionFailure(nullPointer(''), compatibility)
      return { kind: 'bpmnError', errorCode, errorMessage: errorMessage ?? '', variables }
    }
    case 'jobError':
      return jobErrorOutcome(asked, compatibility)
    case 'ignoreError':
      return { kind: 'completed', variables: stringifyJson(asked.variables) }
  }
}
