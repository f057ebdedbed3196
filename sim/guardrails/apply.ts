// ApplyGuardrail: a guardrail's judgement on texts, without a model. Pure.
import { list, oneOf, structure, text, union } from '../converse/shapes.ts'
import { fieldOf, listOf, textOf } from '../json.ts'
import { assess, guardrailUsage } from './assess.ts'
import type { GuardrailRule } from './rule.ts'

const shape = structure({
  source: oneOf('INPUT', 'OUTPUT'),
  content: list(
    union('GuardrailContentBlock', {
      text: structure({
        text: text(),
        'qualifiers?': list(oneOf('grounding_source', 'query', 'guard_content')),
      }),
      image: structure({
        format: oneOf('png', 'jpeg'),
        source: union('GuardrailImageSource', { bytes: text({ min: 1 }) }),
      }),
    }),
  ),
  'outputScope?': oneOf('INTERVENTIONS', 'FULL'),
})

/** What is wrong with a request; undefined when nothing is. */
export function applyProblem(body: unknown): string | undefined {
  const problems = shape(body, '')
  return problems.length === 0 ? undefined : problems.join('; ')
}

/** The answer to a request. */
export function applyGuardrail(body: unknown, rule: GuardrailRule, version: string): unknown {
  const texts = listOf(fieldOf(body, 'content')).flatMap((block) => textOf(block, 'text', 'text') ?? [])
  const { blocked, intervened, texts: masked, assessment } = assess(rule, version, texts)
  const { blockedInput, blockedOutput } = rule
  const replaced =
    (fieldOf(body, 'source') === 'INPUT' ? blockedInput : blockedOutput) ??
    'Sorry, the model cannot answer this question.'
  const outputs = blocked ? [{ text: replaced }] : masked.map((text) => ({ text }))
  const characters = texts.join('\n').length
  return {
    usage: guardrailUsage(rule, characters),
    action: intervened ? 'GUARDRAIL_INTERVENED' : 'NONE',
    actionReason: intervened ? (blocked ? 'Guardrail blocked.' : 'Guardrail masked.') : 'No action.',
    outputs: intervened ? outputs : [],
    assessments: intervened || fieldOf(body, 'outputScope') === 'FULL' ? [assessment] : [],
    guardrailCoverage: { textCharacters: { guarded: characters, total: characters } },
  }
}
