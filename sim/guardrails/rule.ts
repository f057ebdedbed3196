// A guardrail of the stand-in: words that it blocks, and whether it masks addresses of e-mail.
import { z } from 'zod'

/** A guardrail. */
export interface GuardrailRule {
  /** Its id; its ARN ends with it. */
  id: string
  /** @default every version */
  version?: string | undefined
  /** Words that it blocks, in any case, in prompts and answers. */
  words?: readonly string[] | undefined
  /** Replaces addresses of e-mail by `{EMAIL}`. @default false */
  maskEmails?: boolean | undefined
  /** What is answered in place of a blocked prompt. */
  blockedInput?: string | undefined
  /** What is answered in place of a blocked answer. */
  blockedOutput?: string | undefined
}

/** The schema of a guardrail in the settings. */
export const guardrailRule = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1).optional(),
  words: z.array(z.string().min(1)).optional(),
  maskEmails: z.boolean().optional(),
  blockedInput: z.string().optional(),
  blockedOutput: z.string().optional(),
}) satisfies z.ZodType<GuardrailRule>

/** The guardrail that is there without settings. */
export const DEFAULT_GUARDRAIL: GuardrailRule = { id: 'simguardrail', words: ['forbidden'], maskEmails: true }

/** The text of Bedrock's error for a guardrail that is not there. */
export const NO_SUCH_GUARDRAIL = 'The guardrail identifier or version provided in the request does not exist.'

/** Finds a guardrail by its id or ARN, and its version. */
export function findGuardrail(
  rules: readonly GuardrailRule[],
  identifier: string,
  wanted: string,
): GuardrailRule | undefined {
  const id = identifier.split('/').at(-1)
  return rules.find((rule) => rule.id === id && (rule.version === undefined || rule.version === wanted))
}
