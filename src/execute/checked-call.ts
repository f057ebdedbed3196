// A call whose answer must satisfy a JSON schema. Bedrock compiles a new schema in minutes, so the first call of a schema goes ahead of others;
// and each answer is checked here, whatever Bedrock promises. A repair is a turn of its own: the job goes back into its lane with the failed
// answer in its record (stored-repairs.ts), so that it is paced, budgeted and retried as any call, and a worker that dies between two
// turns loses no paid answer.
import { createHash } from 'node:crypto'
import {
  type AnswerSchema,
  answerJson,
  type FailedAnswer,
  failedAnswer,
  withRepairs,
} from '../bedrock/answer-schema.ts'
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import { isJsonObject, type JsonValue, numberText, parseJson, stringifyJson } from '../job/json.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { askUntilStopped } from '../redis/retry-until-stopped.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import type { CallAnswer } from './bedrock-caller.ts'
import { type CachedCallParts, callCached } from './cached-call.ts'
import type { Sending, SendingEnd } from './call-in-turn.ts'
import type { SchemaChecks } from './schema-checks.ts'
import type { AnsweredCall, End, ViolatedCall } from './what-next.ts'

export interface CheckedCallParts extends CachedCallParts {
  readonly schemas: SchemaChecks
  readonly random: () => number
}

/** Bedrock compiles a schema for some minutes, and keeps it for a day (docs of structured output, see schema-models.ts). */
export const COMPILING_MS = 600_000
const COMPILED_MS = 24 * 3_600_000
const REFUSED_MS = 60_000
/** Minimum delay of a job that waits for a schema, ms; the maximum is twice that. */
const WAIT_MS = 2_000
/** Characters of the failed answers of a job. Longer ones are not repaired: the record in Redis would have to hold them. */
const LONGEST_REPAIR = 400_000

type SchemaWait = Extract<End, { readonly kind: 'schemaWait' }>
type CheckedEnd = SendingEnd | ViolatedCall | SchemaWait | Extract<End, { readonly kind: 'wrongSchema' }>

/** @param failed - the job's answers so far that violated its schema. */
export async function callChecked(
  parts: CheckedCallParts,
  sending: Sending,
  failed: readonly FailedAnswer[],
): Promise<CheckedEnd> {
  const { job, request } = sending
  const { call } = request
  if (call.action !== 'converse' || call.schema === undefined) return callCached(parts, sending)
  const { schema } = call
  const fault = await parts.schemas.fault(schema.text, job)
  if (fault !== null) return { kind: 'wrongSchema', error: unusable(fault) }

  const body = failed.length === 0 ? call.body : withRepairs(call.body, failed)
  const { size } = request
  const grown = { ...size, characters: size.characters + body.length - call.body.length }
  const repairing = { ...sending, request: { ...request, call: { ...call, body }, size: grown } }
  const end = schema.compiled
    ? await compiledOnce(parts, repairing, schema)
    : await callCached(parts, repairing)
  return end.kind === 'answered' ? judge(parts, schema, { job, failed, end }) : end
}

/** Calls now, or lets another call of the schema go ahead. */
async function compiledOnce(
  parts: CheckedCallParts,
  sending: Sending,
  schema: AnswerSchema,
): Promise<SendingEnd | SchemaWait> {
  const { job, served, stop } = sending
  const onFailure = (error: unknown) =>
    parts.events.emit('jobFault', { ...jobInLane(job, served.name), error })
  const trying = { stopping: stop.beginning, onFailure }
  const first = await askUntilStopped(() => parts.firstCalls.enter(served.name, hashOf(schema)), trying)
  if (first === null) return { kind: 'stopped' }
  if (first === 'known') return callCached(parts, sending)
  if (first === 'wait') return { kind: 'schemaWait', delayMs: Math.ceil(WAIT_MS * (1 + parts.random())) }
  let keepMs = 0
  try {
    const end = await callCached(parts, { ...sending, leastTimeoutMs: COMPILING_MS })
    keepMs = end.kind === 'answered' ? keptFor(end.answer) : 0
    return end
  } finally {
    // Without Redis it lapses by itself.
    await first.ended(keepMs).catch(onFailure)
  }
}

/** A refused request is refused at once: its siblings need not wait for each other. */
function keptFor(answer: CallAnswer): number {
  if (answer.kind !== 'failure') return COMPILED_MS
  return answer.failure.status === 400 ? REFUSED_MS : 0
}

function hashOf({ text }: AnswerSchema): string {
  return `schema:${createHash('sha256').update(text).digest('base64url')}`
}

function unusable(why: string): ConnectorError {
  return inputError(`Nothing was sent to Bedrock: data.schema: cannot be used to check an answer: ${why}`)
}

/** Answers that end otherwise are not whole, or ask for a tool. */
const WHOLE = ['end_turn', 'stop_sequence']

async function judge(
  { schemas }: CheckedCallParts,
  schema: AnswerSchema,
  { job, failed, end }: { job: QueuedJob; failed: readonly FailedAnswer[]; end: AnsweredCall },
): Promise<CheckedEnd> {
  if (end.answer.kind !== 'response') return end
  const { answer, call } = end
  const { message, stopReason } = answer
  const turns = failed.length
  const withJson = (json: JsonValue): SendingEnd => ({ ...end, answer: detailed(answer, json, failed) })
  if (message === undefined || stopReason === 'tool_use') return withJson(null)
  if (stopReason !== undefined && !WHOLE.includes(stopReason)) {
    // The task catches it by its own name.
    if (call.options.bpmnErrors.includes(stopReason)) return withJson(null)
    const keyword = 'stopReason'
    const cut = { path: '', keyword, message: `must be whole; it ended with ${stopReason}` }
    return { kind: 'violated', violations: [cut], repairs: null, turns }
  }
  const json = answerJson(message)
  const checked = await schemas.violations(schema.text, json, job)
  if ('fault' in checked) {
    const unchecked = { path: '', keyword: 'unchecked', message: `could not be checked: ${checked.fault}` }
    return { kind: 'violated', violations: [unchecked], repairs: null, turns }
  }
  const { violations } = checked
  if (violations.length === 0) return withJson(parseJson(json))
  const last = turns < schema.repairTurns ? failedAnswer(message, violations, costOf(answer.response)) : null
  const repairs = last === null ? null : [...failed, last]
  const isShort = repairs !== null && stringifyJson(repairs as unknown as JsonValue).length <= LONGEST_REPAIR
  return { kind: 'violated', violations, repairs: isShort ? repairs : null, turns }
}

/** With all details, the result has the parsed answer, null if it asks for a tool or is not whole, and the cost of all turns. */
function detailed(
  answer: Extract<CallAnswer, { readonly kind: 'response' }>,
  json: JsonValue,
  failed: readonly FailedAnswer[],
): CallAnswer {
  const { response } = answer
  if (!isJsonObject(response)) return answer
  const costs = [
    costOf(response),
    ...failed.map(({ cost }) => Number(numberText(cost ?? null) ?? Number.NaN)),
  ]
  const sum = costs.reduce<number>((total, each) => total + (each ?? Number.NaN), 0)
  const cost = Number.isNaN(sum) ? null : sum
  return { ...answer, response: { ...response, json, repairTurns: failed.length, cost } }
}

/** With all details, the response has the cost of its call. */
function costOf(response: JsonValue): number | null {
  const cost = isJsonObject(response) ? numberText(response['cost'] ?? null) : null
  return cost === null ? null : Number(cost)
}
