// What a task gets on request: AWS's own name of an error, BPMN errors, and error expressions that see the whole response.
import { describe, expect, it } from 'vitest'
import { type CallOptions, STOCK_OPTIONS } from '../../src/bedrock/call-options.ts'
import { awsError } from '../../src/connector/aws-error.ts'
import { executionOutcome } from '../../src/connector/execution-outcome.ts'
import type { ConnectorResponse } from '../../src/connector/invoke-result.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'
import type { JsonObject } from '../../src/job/json.ts'
import type { Headers } from '../../src/job/task-headers.ts'

async function outcomeOf(result: ConnectorResponse, options: Partial<CallOptions>, headers: Headers = {}) {
  const { outcome } = await executionOutcome(result, {
    retries: 3,
    headers,
    compatibility: '8.9',
    options: { ...STOCK_OPTIONS, ...options },
    evaluate: async (expression: string, variables: JsonObject) => evaluate(expression, variables),
    mask: (text) => text.replaceAll('hunter2', '***'),
  })
  return outcome
}

const refused: CallFailure = {
  name: 'ValidationException',
  message: 'No hunter2.',
  status: 400,
  requestId: 'r',
}
const failure: ConnectorResponse = { ok: false, error: awsError(refused, 1) }
const cut: ConnectorResponse = {
  ok: true,
  response: { text: 'half', stopReason: 'max_tokens' },
  stopReason: 'max_tokens',
}

describe('an error of AWS', () => {
  it('has the members of the stock connector, and none more', async () => {
    const { variables } = await outcomeOf(failure, {})
    expect(Object.keys(JSON.parse(variables).error).sort()).toEqual(['message', 'type'])
  })

  it('has its name, its status and whether a retry may help, if the task wants all details', async () => {
    const { variables } = await outcomeOf(failure, { resultDetails: true })
    expect(JSON.parse(variables).error).toMatchObject({
      code: 'ValidationException',
      status: 400,
      retryable: false,
      message: expect.stringContaining('No ***.'),
    })
  })

  it('can be matched by its name in an error expression', async () => {
    const errorExpression =
      '=if error.code = "ValidationException" and not(error.retryable) then bpmnError("WRONG", "no") else null'
    expect(await outcomeOf(failure, { resultDetails: true }, { errorExpression })).toMatchObject({
      kind: 'bpmnError',
      errorCode: 'WRONG',
    })
  })

  it('becomes a BPMN error of its name if the task lists it', async () => {
    expect(await outcomeOf(failure, { bpmnErrors: ['ValidationException'] })).toMatchObject({
      kind: 'bpmnError',
      errorCode: 'ValidationException',
      errorMessage: expect.stringContaining('No ***.'),
    })
    expect(await outcomeOf(failure, { bpmnErrors: ['ThrottlingException'] })).toMatchObject({
      kind: 'failed',
      retries: 2,
    })
  })
})

describe('an answer that Bedrock ended early', () => {
  it('is a result like any other, as with the stock connector', async () => {
    expect(await outcomeOf(cut, {})).toMatchObject({ kind: 'completed' })
  })

  it('becomes a BPMN error of its stop reason if the task lists it, with the variables that it would have set', async () => {
    const outcome = await outcomeOf(cut, { bpmnErrors: ['max_tokens'] }, { resultVariable: 'r' })
    expect(outcome).toMatchObject({
      kind: 'bpmnError',
      errorCode: 'max_tokens',
      errorMessage: "Bedrock's answer ended with max_tokens.",
    })
    expect(JSON.parse(outcome.variables)).toEqual({ r: { text: 'half', stopReason: 'max_tokens' } })
  })

  it('is left to the error expression, if that asks for something', async () => {
    const headers = {
      resultVariable: 'r',
      errorExpression: '=if stopReason = "max_tokens" then bpmnError("CUT", text) else null',
    }
    const options = { resultDetails: true, bpmnErrors: ['max_tokens'] }
    expect(await outcomeOf(cut, options, headers)).toMatchObject({ errorCode: 'CUT', errorMessage: 'half' })
  })

  it('shows an error expression its output variables alone, unless the task wants all details', async () => {
    const headers = {
      resultVariable: 'r',
      errorExpression: '=if stopReason != null then bpmnError("CUT", "x") else null',
    }
    expect(await outcomeOf(cut, {}, headers)).toMatchObject({ kind: 'completed' })
    expect(await outcomeOf(cut, { resultDetails: true }, headers)).toMatchObject({ errorCode: 'CUT' })
  })
})
