// The recorded cases of the Java connector, played through the pure functions: variables in, request and commands out. Other suites cover
// secrets, and documents from servers.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { awsError } from '../../src/connector/aws-error.ts'
import type { BedrockRequest } from '../../src/connector/bedrock-request.ts'
import { type Bound, bindRequest } from '../../src/connector/bind-request.ts'
import { converseResponse } from '../../src/connector/converse-result.ts'
import { DocumentSupply, NeedsDocument } from '../../src/connector/documents/document-supply.ts'
import { executionOutcome } from '../../src/connector/execution-outcome.ts'
import { checkHeaders } from '../../src/connector/headers.ts'
import { type ConnectorResponse, invokeResponse } from '../../src/connector/invoke-result.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../../src/job/json.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { parseHeaders } from '../../src/job/task-headers.ts'
import { sentMessages } from './bound-documents.ts'

interface Command {
  readonly rpc: 'CompleteJob' | 'FailJob' | 'ThrowError'
  readonly variables: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly retries?: number
  readonly retryBackOff?: string
}

interface RecordedCase {
  readonly name: string
  readonly retries: string
  readonly inputs: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly processVariables?: JsonObject
  readonly requests: readonly { readonly path: string; readonly body: string }[]
  readonly commands: readonly Command[]
}

const file = new URL('../contract/recordings/connector-cases.json', import.meta.url)
const all = JSON.parse(readFileSync(file, 'utf8')) as readonly RecordedCase[]
const cases = all.filter(
  ({ name }) =>
    !name.startsWith('secrets-') &&
    // Fails after its call, because of a header.
    name !== 'document-external-png',
)

const options = { compatibility: '8.8' } as const
const REQUEST_ID = '00000000-0000-0000-0000-000000000001'
const FAILURES: Readonly<Record<string, CallFailure>> = {
  throttle: service('ThrottlingException', 429, 'Too many requests, please wait before trying again.'),
  validation: service('ValidationException', 400, 'The provided model identifier is invalid.'),
  denied: service(
    'AccessDeniedException',
    403,
    "You don't have access to the model with the specified model ID.",
  ),
  notfound: service(
    'ResourceNotFoundException',
    404,
    'Could not resolve the foundation model from the provided model identifier.',
  ),
  unavailable: service('ServiceUnavailableException', 503, 'Bedrock is unable to process your request.'),
  internal: service(
    'InternalServerException',
    500,
    'The system encountered an unexpected error during processing. Try your request again.',
  ),
  modelerror: service('ModelErrorException', 424, 'The model encountered an error.'),
  modeltimeout: service('ModelTimeoutException', 408, 'The model took too long.'),
  notready: service(
    'ModelNotReadyException',
    429,
    'Model is not ready for inference. Wait and try your request again.',
  ),
  quota: service(
    'ServiceQuotaExceededException',
    400,
    'Your request exceeds the service quota for your account.',
  ),
  badtoken: service(
    'UnrecognizedClientException',
    403,
    'The security token included in the request is invalid.',
  ),
  html503: { name: 'SyntaxError', message: 'Unexpected token', status: 503, unreadable: true },
  html: {
    name: 'SyntaxError',
    message: 'no JSON',
    status: 200,
    unreadable: true,
    body: '<html><body>busy</body></html>',
  },
  reset: { name: 'Error', message: 'read ECONNRESET', network: 'reset' },
  slow: { name: 'TimeoutError', message: 'socket timed out', network: 'timeout' },
}
const BODIES: Readonly<Record<string, string>> = {
  rawstring: '"just text"',
  empty: '',
  malformed: '{"id":"x","choi',
  inf: '{"exp":1e400}',
  dup: '{"a":1,"a":2}',
}
const CONTENTS: Readonly<Record<string, readonly object[]>> = {
  multi: [{ text: 'one' }, { text: 'two' }],
  emptycontent: [],
  guardrail: [{ text: 'blocked' }],
  unknownblock: [{ somethingNew: {} }, { text: 'known' }],
}

function service(name: string, status: number, message: string): CallFailure {
  return { name, status, message, requestId: REQUEST_ID }
}

/** What the stand-in for Bedrock answered, by model id. */
function answer({ call }: BedrockRequest, failing: boolean, sends: number): ConnectorResponse {
  const [model = ''] = call.modelId.split('-')
  const failure = FAILURES[model]
  if (failing && failure !== undefined) return { ok: false, error: awsError(failure, sends) }
  if (call.action === 'invokeModel') return invokeResponse(invokeBody(call.modelId, String(call.body)))
  if (call.action !== 'converse') throw new Error('No such action was recorded')
  if (model === 'nooutput') return converseResponse(call, {})
  const last = sentMessages(call.body).at(-1)?.content.at(-1)?.text ?? ''
  const large = call.modelId.startsWith('large-') ? 'x'.repeat(Number(call.modelId.slice(6))) : null
  const content = CONTENTS[model] ?? [{ text: large ?? `Echo: ${last.slice(0, 200)}` }]
  return converseResponse(call, { output: { message: { role: 'assistant', content } } } as JsonObject)
}

function invokeBody(modelId: string, sent: string): string {
  if (modelId === 'echo') return sent
  return (
    BODIES[modelId] ??
    `{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello from ${modelId}","tool_calls":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16},"meta":{"requestDurationMillis":7},"model":"${modelId}"}`
  )
}

/** Input mappings as the engine evaluates them. */
function variablesOf({ inputs, processVariables = {} }: RecordedCase): string {
  const root: { [name: string]: JsonValue } = {}
  for (const [target, source] of Object.entries(inputs)) {
    const path = target.split('.')
    const last = path.pop() ?? ''
    let at = root
    for (const name of path) {
      const next = { ...(at[name] as JsonObject | undefined) }
      at[name] = next
      at = next
    }
    at[last] = source.startsWith('=') ? literal(source.slice(1), processVariables) : source
  }
  return stringifyJson(root)
}

function literal(feel: string, variables: JsonObject): JsonValue {
  try {
    return parseJson(feel)
  } catch {
    const result = evaluate(feel, variables)
    if (!result.ok) throw new Error(result.message)
    return result.value
  }
}

async function play(
  recorded: RecordedCase,
  index: number,
): Promise<{ outcome: Outcome; request: BedrockRequest | null }> {
  // The engine sends no header without a value.
  const given = Object.entries(recorded.headers).filter(([, value]) => value !== '')
  const headers = parseHeaders(stringifyJson(Object.fromEntries(given)))
  const before = recorded.commands[index - 1]
  const retries = before?.retries ?? Number(recorded.retries.replace('=', '')) - index
  const inTime = async (expression: string, variables: JsonObject) => evaluate(expression, variables)
  const context = { ...options, retries, headers, evaluate: inTime, mask: (text: string) => text }
  const wrong = checkHeaders(headers, options.compatibility)
  if (wrong !== null)
    return { ...(await executionOutcome({ ok: false, error: wrong }, context)), request: null }
  const bound = bindWithDocuments(variablesOf(recorded))
  if (!bound.ok) return { ...(await executionOutcome(bound, context)), request: null }
  const failed = recorded.commands[index]?.rpc !== 'CompleteJob'
  const sends = recorded.requests.length / recorded.commands.length
  return {
    ...(await executionOutcome(answer(bound.request, failed, sends), context)),
    request: bound.request,
  }
}

/** Binds with every document available, with content `DOC` as from the recorder's server. */
function bindWithDocuments(variables: string): Bound {
  const supply = new DocumentSupply()
  for (;;) {
    try {
      return bindRequest(variables, { ...options, supply })
    } catch (error) {
      if (!(error instanceof NeedsDocument)) throw error
      for (const need of error.needs) {
        if (need.kind !== 'content') throw error
        const value = { bytes: Buffer.from('DOC'), fileName: null, contentType: null }
        supply.addContent(need.reference, { ok: true, value })
      }
    }
  }
}

function asCommand(outcome: Outcome): Command {
  switch (outcome.kind) {
    case 'completed':
      return { rpc: 'CompleteJob', variables: outcome.variables }
    case 'bpmnError':
      return {
        rpc: 'ThrowError',
        variables: outcome.variables,
        errorCode: outcome.errorCode,
        errorMessage: outcome.errorMessage,
      }
    case 'failed':
      return {
        rpc: 'FailJob',
        variables: outcome.variables,
        errorMessage: outcome.errorMessage,
        retries: outcome.retries,
        retryBackOff: String(outcome.retryBackoffMs),
      }
  }
}

/** Replaces what varies from run to run of the Java connector. */
function settled(command: Command): unknown {
  const { variables, errorMessage, ...rest } = command
  const text = (value: string): string => value.replace(/@[0-9a-f]+\b/g, '@00000000')
  return {
    ...rest,
    ...(errorMessage === undefined ? {} : { errorMessage: text(errorMessage) }),
    variables: parseJson(text(variables)),
  }
}

describe('recorded cases of the Java connector', () => {
  test('most of the recordings run in this test', () => {
    expect(cases.length).toBeGreaterThan(120)
  })

  test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    '%s ends as recorded',
    async (_name, recorded) => {
      expect(recorded.commands.length).toBeGreaterThan(0)
      for (const [index, command] of recorded.commands.entries()) {
        const { outcome } = await play(recorded, index)
        const [, cutLength] = /\[TRUNCATED chars=(\d+)/.exec(command.variables) ?? []
        if (cutLength === undefined) expect(settled(asCommand(outcome))).toEqual(settled(command))
        else expect(outcome.variables).toHaveLength(Number(cutLength))
      }
    },
  )

  test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    '%s sends the request as recorded',
    async (_name, recorded) => {
      const { request } = await play(recorded, 0)
      const [first] = recorded.requests
      if (first === undefined) {
        expect(request).toBeNull()
        return
      }
      expect(request).not.toBeNull()
      if (request === null) return
      const { call } = request
      const verb = call.action === 'converse' ? 'converse' : 'invoke'
      expect(`/model/${encodeURIComponent(call.modelId)}/${verb}`).toBe(first.path)
      expect(parseJson(String(call.body))).toEqual(parseJson(first.body.replace(/(\d)\.0\b/g, '$1')))
    },
  )
})
