// InvokeGuardrailChecks: scores for texts, without a guardrail. A category has a high score when the text has a word of it, or the score that
// a directive gives it. Pure.
import { list, oneOf, structure, text, union } from '../converse/shapes.ts'
import { fieldOf, listOf, textOf } from '../json.ts'
import { readDirectives, withoutDirectives } from '../script/directive.ts'

const CONTENT: Readonly<Record<string, RegExp>> = {
  HATE: /\bhate/i,
  INSULTS: /\b(insult|idiot|stupid)/i,
  MISCONDUCT: /\b(misconduct|fraud|steal)/i,
  SEXUAL: /\bsexual/i,
  VIOLENCE: /\b(violen|kill|weapon)/i,
}
const ATTACKS: Readonly<Record<string, RegExp>> = {
  JAILBREAK: /\b(jailbreak|no rules)\b/i,
  PROMPT_INJECTION: /\bignore (all |your |the )?(previous )?instructions\b/i,
  PROMPT_LEAKAGE: /\bsystem prompt\b/i,
}
const ENTITIES: Readonly<Record<string, RegExp>> = {
  EMAIL: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
  IP_ADDRESS: /\b\d{1,3}(?:\.\d{1,3}){3}\b/g,
  PHONE: /\+\d[\d ]{7,}\d/g,
  URL: /https?:\/\/\S+/g,
  US_SOCIAL_SECURITY_NUMBER: /\b\d{3}-\d{2}-\d{4}\b/g,
  CREDIT_DEBIT_CARD_NUMBER: /\b(?:\d{4}[ -]?){3}\d{4}\b/g,
  INTERNATIONAL_BANK_ACCOUNT_NUMBER: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b/g,
}
const HIGH = 0.9

const categories = (names: Readonly<Record<string, RegExp>>) =>
  structure({ categories: list(structure({ category: oneOf(...Object.keys(names)) }), { min: 1 }) })

const shape = structure({
  messages: list(
    structure({
      role: oneOf('user', 'assistant', 'system'),
      content: list(union('GuardrailChecksContentBlock', { text: text() }), { min: 1 }),
    }),
    { min: 1 },
  ),
  checks: structure({
    'contentFilter?': categories(CONTENT),
    'promptAttack?': categories(ATTACKS),
    'sensitiveInformation?': structure({ entities: list(structure({ type: text({ min: 1 }) }), { min: 1 }) }),
  }),
})

/** What is wrong with a request; undefined when nothing is. */
export function checksProblem(body: unknown): string | undefined {
  const problems = shape(body, '')
  return problems.length === 0 ? undefined : problems.join('; ')
}

/** The answer to a request. */
export function guardrailChecks(body: unknown): unknown {
  const messages = listOf(fieldOf(body, 'messages')).map((message) =>
    listOf(fieldOf(message, 'content')).map((block) => withoutDirectives(textOf(block, 'text') ?? '')),
  )
  const whole = messages.flat().join('\n')
  const textUnits = Math.ceil(whole.length / 1_000)
  const directed = readDirectives(body)
  const scores = typeof directed === 'object' ? (directed.script.scores ?? {}) : {}
  const checks = fieldOf(body, 'checks')
  const results: Record<string, unknown> = {}
  const scored = { contentFilter: CONTENT, promptAttack: ATTACKS }
  for (const [check, patterns] of Object.entries(scored)) {
    const asked = listOf(fieldOf(checks, check, 'categories')).map((entry) => textOf(entry, 'category') ?? '')
    if (asked.length === 0) continue
    const severity = (category: string) => scores[category] ?? (patterns[category]?.test(whole) ? HIGH : 0)
    results[check] = { results: asked.map((category) => ({ category, severityScore: severity(category) })) }
  }
  const entities = listOf(fieldOf(checks, 'sensitiveInformation', 'entities')).map(
    (entry) => textOf(entry, 'type') ?? '',
  )
  if (entities.length > 0)
    results['sensitiveInformation'] = { results: found(messages, entities), truncated: false }
  const usage = Object.fromEntries(Object.keys(results).map((check) => [check, { textUnits }]))
  return { results, usage }
}

function found(messages: readonly (readonly string[])[], entities: readonly string[]): unknown[] {
  return messages.flatMap((texts, messageIndex) =>
    texts.flatMap((content, contentIndex) =>
      entities.flatMap((type) =>
        [...content.matchAll(ENTITIES[type] ?? /(?!)/g)].map(({ index, 0: match }) => ({
          type,
          confidenceScore: 0.99,
          beginOffset: index,
          endOffset: index + match.length,
          messageIndex,
          contentIndex,
        })),
      ),
    ),
  )
}
