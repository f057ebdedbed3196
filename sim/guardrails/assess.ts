// What a guardrail makes of texts: whether it blocks them, what it masks, and its assessment in Bedrock's form. Pure.
import type { GuardrailRule } from './rule.ts'

/** The judgement on some texts. */
export interface Judgement {
  blocked: boolean
  /** Whether it blocked or masked anything. */
  intervened: boolean
  /** The texts, masked. */
  texts: readonly string[]
  assessment: Readonly<Record<string, unknown>>
}

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g

/** Judges texts by a guardrail. */
export function assess(rule: GuardrailRule, version: string, texts: readonly string[]): Judgement {
  const whole = texts.join('\n')
  const { words = [], maskEmails = false } = rule
  const found = words.filter((word) => new RegExp(`(?<!\\w)${RegExp.escape(word)}(?!\\w)`, 'i').test(whole))
  const emails = maskEmails ? [...new Set(whole.match(EMAIL) ?? [])] : []
  const { length: characters } = whole
  return {
    blocked: found.length > 0,
    intervened: found.length + emails.length > 0,
    texts: maskEmails ? texts.map((text) => text.replaceAll(EMAIL, '{EMAIL}')) : texts,
    assessment: {
      ...(found.length > 0 && {
        wordPolicy: {
          customWords: found.map((match) => ({ match, action: 'BLOCKED', detected: true })),
          managedWordLists: [],
        },
      }),
      ...(emails.length > 0 && {
        sensitiveInformationPolicy: {
          piiEntities: emails.map((match) => ({
            match,
            type: 'EMAIL',
            action: 'ANONYMIZED',
            detected: true,
          })),
          regexes: [],
        },
      }),
      invocationMetrics: {
        guardrailProcessingLatency: 1,
        usage: guardrailUsage(rule, characters),
        guardrailCoverage: { textCharacters: { guarded: characters, total: characters } },
      },
      appliedGuardrailDetails: {
        guardrailId: rule.id,
        guardrailVersion: version,
        guardrailArn: `arn:aws:bedrock:eu-west-1:123456789012:guardrail/${rule.id}`,
        guardrailOrigin: ['REQUEST'],
        guardrailOwnership: 'SELF',
      },
    },
  }
}

/** What a guardrail bills: a text unit is 1,000 characters. */
export function guardrailUsage({ words = [], maskEmails = false }: GuardrailRule, characters: number) {
  const units = Math.ceil(characters / 1_000)
  return {
    topicPolicyUnits: 0,
    contentPolicyUnits: 0,
    wordPolicyUnits: words.length > 0 ? units : 0,
    sensitiveInformationPolicyUnits: maskEmails ? units : 0,
    sensitiveInformationPolicyFreeUnits: 0,
    contextualGroundingPolicyUnits: 0,
  }
}
