// A script: the answers of a model turn by turn, its errors, and the course of its streams. It comes from a directive in a prompt or from
// the settings. `docs/stand-in.md` has an example of each field.
import { z } from 'zod'
import { type ErrorName, isErrorName } from '../errors.ts'

/** One answer of a scripted model. A text alone is an answer with that text. */
export interface Turn {
  text?: string | undefined
  /** Text of a reasoning block with a signature, before all else. */
  reasoning?: string | undefined
  /** Tools that are asked for: a name, whose input is generated from the tool's schema, or a name with its input. */
  tools?: readonly (string | Readonly<Record<string, unknown>>)[] | undefined
  /** Content blocks as they are, in place of all others. */
  content?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** The stop reason. @default tool_use with tools, else end_turn */
  stop?: string | undefined
}

/** The course of a stream. */
export interface StreamScript {
  /** Time until the first event. @default the time of the model */
  firstTokenMs?: number | undefined
  /** Speed of the text after the first event, four characters to a token. @default at once */
  tokensPerSecond?: number | undefined
  /** Sends nothing more after this many events, until the caller hangs up. */
  stallAfter?: number | undefined
  /** Cuts the connection after this many events. */
  breakAfter?: number | undefined
  /** Ends the stream with an error in place of the event after this many. */
  errorAfter?: number | undefined
  /** The error of `errorAfter`. @default modelStreamErrorException */
  error?: string | undefined
}

/** A whole script. */
export interface Script extends Turn {
  /** The answers in order; those after the last are the model's normal ones. @default the fields of a turn, as the only one */
  turns?: readonly (string | Turn)[] | undefined
  /** How many answers violate the JSON schema that was asked for. */
  invalid?: number | undefined
  /** The document for a JSON schema, in place of a generated one. */
  document?: unknown
  /** An error of Bedrock in place of the answer. */
  error?: ErrorName | undefined
  /** Further fields of the model's own answer, for `additionalModelResponseFieldPaths`. */
  fields?: Readonly<Record<string, unknown>> | undefined
  /** The model that a prompt router chose. */
  router?: string | undefined
  /** Tokens that the answer states. */
  usage?: { inputTokens: number; outputTokens: number } | undefined
  /** The time of the model. */
  modelMs?: number | undefined
  /** Scores of InvokeGuardrailChecks, by category. */
  scores?: Readonly<Record<string, number>> | undefined
  /** Accepts content blocks of unknown kinds. */
  unknownBlocks?: boolean | undefined
  stream?: StreamScript | undefined
}

const whole = z.int().nonnegative()
const milliseconds = z.number().nonnegative().max(3_600_000)
const anyObject = z.record(z.string(), z.unknown())

const turnFields = {
  text: z.string().optional(),
  reasoning: z.string().optional(),
  tools: z.array(z.union([z.string(), anyObject])).optional(),
  content: z.array(anyObject).optional(),
  stop: z.string().optional(),
}

/** The schema of {@link StreamScript}, for directives and settings. */
export const streamScript = z.strictObject({
  firstTokenMs: milliseconds.optional(),
  tokensPerSecond: z.number().positive().optional(),
  stallAfter: whole.optional(),
  breakAfter: whole.optional(),
  errorAfter: whole.optional(),
  error: z.string().optional(),
}) satisfies z.ZodType<StreamScript>

/** The fields of a script. */
export const scriptFields = {
  ...turnFields,
  turns: z.array(z.union([z.string(), z.strictObject(turnFields)])).optional(),
  invalid: whole.optional(),
  document: z.unknown().optional(),
  error: z.custom<ErrorName>((value) => typeof value === 'string' && isErrorName(value)).optional(),
  fields: anyObject.optional(),
  router: z.string().optional(),
  usage: z.strictObject({ inputTokens: whole, outputTokens: whole }).optional(),
  modelMs: milliseconds.optional(),
  scores: z.record(z.string(), z.number().min(0).max(1)).optional(),
  unknownBlocks: z.boolean().optional(),
  stream: streamScript.optional(),
}

const script = z.strictObject(scriptFields) satisfies z.ZodType<Script>

/** Reads a script. @returns what is wrong, as a text, when it is none. */
export function readScript(value: unknown): Script | string {
  const parsed = script.safeParse(value)
  if (parsed.success) return parsed.data
  return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
}
