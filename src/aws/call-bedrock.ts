// Sends one request to Bedrock's runtime and returns what came back; never retries, never throws for AWS's errors. Quarry builds the body and
// reads the answer itself, since the SDK drops fields that its version does not know, and rounds numbers. The SDK finds the endpoint, signs,
// and reads errors.
import {
  ApplyGuardrailCommand,
  type BedrockRuntimeClient,
  ConverseCommand,
  CountTokensCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime'
import type { CallFailure } from '../job/call-failure.ts'
import { describeFailure } from './call-failure.ts'
import {
  type AnswerTaker,
  ownBody,
  PUT_BODY,
  type RuntimeAnswer,
  TAKE_ANSWER,
  takeAnswer,
} from './own-body.ts'
import { prepareCall } from './prepare-call.ts'
import { type ReceivedStream, StreamWatch } from './stream-watch.ts'

export type CallResult<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly failure: CallFailure }

export interface CallLimits {
  /** The call ends with a failure after this, ms. */
  readonly timeoutMs: number
  /** Ends the call at once; the result is then a failure named `AbortError`. */
  readonly signal: AbortSignal
}

/** A request as it is sent (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html). */
export interface RuntimeRequest {
  readonly target: Target
  readonly body: string | Uint8Array
  /** Headers besides the SDK's own, in lower case. `content-type` replaces `application/json`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Set for an answer as a stream (ConverseStream, InvokeModelWithResponseStream). */
  readonly stream?: {
    /** Longest time without a byte after the first one, ms. */
    readonly stallMs: number
  }
}

/** The result of a request; with what came of its stream if that was asked for, whether or not it came to its end. */
export type RuntimeResult = CallResult<RuntimeAnswer> & { readonly stream?: ReceivedStream | null }

/** What the path of a request names. */
export type Target =
  | { readonly operation: 'converse' | 'invokeModel' | 'countTokens'; readonly modelId: string }
  | {
      readonly operation: 'applyGuardrail'
      readonly guardrailIdentifier: string
      readonly guardrailVersion: string
    }
  | { readonly operation: 'invokeGuardrailChecks' }

export async function callBedrock(
  client: BedrockRuntimeClient,
  request: RuntimeRequest,
  limits: CallLimits,
): Promise<RuntimeResult> {
  if (request.stream === undefined) return sendOnce(client, request, limits)
  using watch = new StreamWatch(request.stream.stallMs)
  const result = await sendOnce(client, request, limits, watch)
  return { ...result, stream: watch.received() }
}

async function sendOnce(
  client: BedrockRuntimeClient,
  request: RuntimeRequest,
  limits: CallLimits,
  watch?: StreamWatch,
): Promise<CallResult<RuntimeAnswer>> {
  using ending = endOf(limits)
  const begunAt = performance.now()
  let wasHanded = false
  let answer: RuntimeAnswer | undefined
  const taker: AnswerTaker = {
    handed() {
      wasHanded = true
      if (performance.now() - begunAt > LONGEST_TO_SIGN_MS) throw stoodStill()
    },
    seen(taken) {
      answer = taken
    },
  }
  const options =
    watch === undefined
      ? { abortSignal: ending.signal }
      : { abortSignal: AbortSignal.any([ending.signal, watch.stalled]), onBytes: watch.onBytes }
  try {
    const send = await prepareCall(client, commandOf(request, taker), options)
    await send()
    if (answer === undefined) throw new Error('The AWS SDK gave no answer, and no error')
    return { ok: true, answer }
  } catch (error) {
    return { ok: false, failure: failureOf(describeFailure(error, wasHanded), limits, ending.signal) }
  }
}

/** Aborts at the end of a call's time, or with its signal. `AbortSignal.any` and `.timeout` would keep more memory for a call in flight. */
function endOf({ timeoutMs, signal }: CallLimits): Disposable & { readonly signal: AbortSignal } {
  const ending = new AbortController()
  const late = () => ending.abort(new DOMException('The call took too long', 'TimeoutError'))
  const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS))
  const onAbort = () => ending.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    },
  }
}

function failureOf(failure: CallFailure, limits: CallLimits, ended: AbortSignal): CallFailure {
  if (limits.signal.aborted) return { ...failure, name: 'AbortError' }
  // Not an `AbortError`: a job whose process stops is requeued, and would be sent and paid again.
  if (ended.aborted) return { ...failure, name: 'TimeoutError', timedOutAfterMs: limits.timeoutMs }
  // Only our own abort may have this name, because nothing is decided about such a job.
  return failure.name === 'AbortError' ? { ...failure, name: 'Error' } : failure
}

function commandOf(
  { target, body, headers = {}, stream }: RuntimeRequest,
  taker: AnswerTaker,
): ConverseCommand {
  const command = commandFor(target) as ConverseCommand
  command.middlewareStack.add(ownBody(body, headers, stream !== undefined), PUT_BODY)
  command.middlewareStack.add(takeAnswer(taker), TAKE_ANSWER)
  return command
}

/** The SDK's command, with what stands in the path of its request; the rest of its input is replaced by our body. */
function commandFor(target: Target) {
  switch (target.operation) {
    case 'converse':
      return new ConverseCommand({ modelId: target.modelId })
    case 'invokeModel':
      return new InvokeModelCommand({ modelId: target.modelId, body: '' })
    case 'countTokens':
      return new CountTokensCommand({ modelId: target.modelId, input: undefined })
    case 'applyGuardrail': {
      const { guardrailIdentifier, guardrailVersion } = target
      return new ApplyGuardrailCommand({
        guardrailIdentifier,
        guardrailVersion,
        source: 'INPUT',
        content: [],
      })
    }
    case 'invokeGuardrailChecks':
      return new InvokeGuardrailChecksCommand({ messages: [], checks: {} })
  }
}

/**
 * Signing takes milliseconds, or seconds if credentials are fetched. After this long the process may have stood still, and BullMQ may have
 * given the job to another worker: it does so after 30 s.
 */
const LONGEST_TO_SIGN_MS = 15_000

/** Nothing was sent, so the call costs its job nothing. */
function stoodStill(): Error {
  const message =
    'The call was not sent: its request took more than 15 s to be signed. The process stood still, or finding its AWS credentials takes too long.'
  return Object.assign(new Error(message), { unprocessed: true })
}

/** A longer timer of Node would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
