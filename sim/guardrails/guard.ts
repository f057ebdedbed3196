// A guardrail around a model: it judges the prompt before the model is asked, and the answer after. Pure.
import { type ConverseAnswer, converseAnswer } from '../answers.ts'
import { fieldOf, listOf, objectOf, textOf } from '../json.ts'
import { withoutDirectives } from '../script/directive.ts'
import { assess, type Judgement } from './assess.ts'
import { findGuardrail, type GuardrailRule } from './rule.ts'

/** The guardrail of a call. */
export interface Guard {
  rule: GuardrailRule
  version: string
  /** Whether the answer has a trace. */
  traced: boolean
}

/**
 * The guardrail that a call asks for, in its body or in its headers.
 * @returns undefined without one; `missing` when there is no such guardrail.
 */
export function guardOf(
  body: unknown,
  headers: Readonly<Record<string, string>>,
  rules: readonly GuardrailRule[],
): Guard | 'missing' | undefined {
  const config = fieldOf(body, 'guardrailConfig')
  const identifier = textOf(config, 'guardrailIdentifier') ?? headers['x-amzn-bedrock-guardrailidentifier']
  if (identifier === undefined) return undefined
  const version = textOf(config, 'guardrailVersion') ?? headers['x-amzn-bedrock-guardrailversion'] ?? 'DRAFT'
  const trace = textOf(config, 'trace') ?? headers['x-amzn-bedrock-trace'] ?? 'disabled'
  const rule = findGuardrail(rules, identifier, version)
  return rule === undefined ? 'missing' : { rule, version, traced: trace.toLowerCase().startsWith('enabled') }
}

/** The texts of a prompt that are judged, without directives. */
export function guardedTexts(body: unknown): string[] {
  return judgedTexts(body).map(withoutDirectives)
}

/** Those marked for the guardrail if there are any, else those of the last message. */
function judgedTexts(body: unknown): string[] {
  const { content } = (listOf(fieldOf(body, 'messages')).at(-1) ?? {}) as { content?: unknown }
  if (typeof content === 'string') return [content]
  const marked = [...listOf(fieldOf(body, 'system')), ...listOf(content)].flatMap(
    (block) => textOf(block, 'guardContent', 'text', 'text') ?? [],
  )
  if (marked.length > 0) return marked
  const texts = listOf(content).flatMap((block) => textOf(block, 'text') ?? [])
  return texts.length > 0 ? texts : [textOf(body, 'prompt') ?? textOf(body, 'inputText') ?? '']
}

/** The answer to a blocked prompt: the model is not asked. */
export function blockedPrompt({ rule, traced }: Guard, { assessment }: Judgement): ConverseAnswer {
  const { id, blockedInput = 'Sorry, the model cannot answer this question.' } = rule
  const answer = converseAnswer([{ text: blockedInput }], 'guardrail_intervened', {
    inputTokens: 0,
    outputTokens: 0,
  })
  const guardrail = { inputAssessment: { [id]: assessment }, actionReason: 'Guardrail blocked.' }
  return traced ? { ...answer, further: { trace: { guardrail } } } : answer
}

/** The model's answer as the guardrail lets it through: as it is, masked, or another in its place. */
export function guardedAnswer(guard: Guard, input: Judgement, answer: ConverseAnswer): ConverseAnswer {
  const { rule, version, traced } = guard
  const { content = [] } = answer
  const texts = content.flatMap((block) => textOf(block, 'text') ?? [])
  const output = assess(rule, version, texts)
  const { id, blockedOutput = 'Sorry, the model cannot answer this question.' } = rule
  const masked = output.texts.values()
  const kept = content.map((block) =>
    textOf(block, 'text') === undefined ? block : { ...block, text: masked.next().value },
  )
  const guardrail = {
    modelOutput: texts,
    inputAssessment: { [id]: input.assessment },
    outputAssessments: { [id]: [output.assessment] },
    ...(output.intervened && { actionReason: output.blocked ? 'Guardrail blocked.' : 'Guardrail masked.' }),
  }
  return {
    ...answer,
    content: output.blocked ? [{ text: blockedOutput }] : kept,
    stopReason: output.intervened ? 'guardrail_intervened' : answer.stopReason,
    ...(traced && {
      further: { ...answer.further, trace: { ...objectOf(answer.further?.['trace']), guardrail } },
    }),
  }
}
