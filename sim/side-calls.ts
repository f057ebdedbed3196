// The operations beside the models: CountTokens, ApplyGuardrail and InvokeGuardrailChecks. They use no quota of a model. Pure.
import { type CallPath, estimateInputTokens, readCallBody } from './bedrock-call.ts'
import { promptTokens } from './converse/prompt.ts'
import { requestProblem } from './converse/request.ts'
import type { ErrorName } from './errors.ts'
import { applyGuardrail, applyProblem } from './guardrails/apply.ts'
import { checksProblem, guardrailChecks } from './guardrails/checks.ts'
import { findGuardrail, type GuardrailRule, NO_SUCH_GUARDRAIL } from './guardrails/rule.ts'
import { fieldOf, textOf } from './json.ts'

/** The answer to such a call: a document, or an error. */
export type SideAnswer = { answer: unknown } | { error: ErrorName; message: string }

/** Answers a call; undefined when its operation is that of a model. */
export function sideAnswer(
  { operation, model, version = '' }: CallPath,
  body: unknown,
  guardrails: readonly GuardrailRule[],
): SideAnswer | undefined {
  switch (operation) {
    case 'count-tokens':
      return countTokens(body, model)
    case 'apply-guardrail': {
      const rule = findGuardrail(guardrails, model, version)
      if (rule === undefined) return { error: 'notfound', message: NO_SUCH_GUARDRAIL }
      return checked(applyProblem(body), () => applyGuardrail(body, rule, version))
    }
    case 'guardrail-checks':
      return checked(checksProblem(body), () => guardrailChecks(body))
    default:
      return undefined
  }
}

function checked(problem: string | undefined, answer: () => unknown): SideAnswer {
  return problem === undefined ? { answer: answer() } : { error: 'badrequest', message: problem }
}

function countTokens(body: unknown, model: string): SideAnswer {
  const conversation = fieldOf(body, 'input', 'converse')
  if (conversation !== undefined) {
    return checked(requestProblem(conversation, model, false), () => ({
      inputTokens: promptTokens(conversation),
    }))
  }
  const native = textOf(body, 'input', 'invokeModel', 'body')
  const problem =
    native === undefined
      ? 'The input field must set one of the following keys: invokeModel, converse.'
      : undefined
  return checked(problem, () => ({
    inputTokens: nativeTokens(Buffer.from(native ?? '', 'base64').toString()),
  }))
}

function nativeTokens(text: string): number {
  try {
    return estimateInputTokens(readCallBody(JSON.parse(text), text.length))
  } catch {
    return Math.ceil(text.length / 4)
  }
}
