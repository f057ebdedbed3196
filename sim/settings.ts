// The settings that may change while the stand-in runs: quotas, latency, faults. The schema checks all settings
// from a file, the command line or PUT /__sim/settings; a wrong field is refused by name, never ignored.
import { z } from 'zod'
import { type RoleRule, roleRule } from './credentials/roles.ts'
import { DEFAULT_GUARDRAIL, type GuardrailRule, guardrailRule } from './guardrails/rule.ts'
import { type Script, type StreamScript, scriptFields, streamScript } from './script/script.ts'
import { DEFAULT_TIERS, type TierRules, tierRules } from './tiers.ts'

/** Everything that can be changed at run time, through {@link Sim.configure} or `PUT /__sim/settings`. */
export interface SimSettings {
  /** The first rule that matches a call counts; a call that none matches has no quota. @default [] */
  quotas: readonly QuotaRule[]
  /** How long the model takes. @default fixed, 0 ms */
  latency: Latency
  /** The first rule that matches and strikes decides; see `faults.ts`. @default [] */
  faults: readonly FaultRule[]
  /** The course of all streams. @default at once, a text in two halves */
  stream: StreamScript
  /** What models answer, by the first rule that matches. A directive in a prompt goes before. @default [] */
  scripts: readonly ScriptRule[]
  /** The fewest tokens of a prefix that the prompt cache takes; the first rule that matches a model. @default 4096 for Haiku, else 1024 */
  cacheMinimums: readonly CacheMinimum[]
  /** How long the first call of a new JSON schema waits until it is compiled. @default 0 */
  schemaCompileMs: number
  /** The guardrails. @default `simguardrail`, which blocks the word `forbidden` and masks addresses of e-mail */
  guardrails: readonly GuardrailRule[]
  /** Which tier serves a tier that is asked for, or an error that refuses it. @default reserved is served by default */
  tiers: TierRules
  /** Which roles may be assumed. @default all */
  roles: readonly RoleRule[]
  /** The role whose credentials Pod Identity gives. */
  podRole: string
  /** Lifetime of temporary credentials, in place of the one that is asked for. */
  sessionSeconds?: number
  /** Models whose Converse requests are not checked as AWS does; patterns. @default [] */
  lenient: readonly string[]
  /** Whether request bodies are kept in the log. They hold prompts: for tests only. @default false */
  recordBodies: boolean
}

/** A quota, counted for each (access key, region, model) on its own. Patterns may hold `*`; absent means any. */
export interface QuotaRule {
  accessKey?: string
  region?: string
  model?: string
  /** Calls per minute; absent means no limit. */
  requestsPerMinute?: number
  /** Input and output tokens per minute; absent means no limit. */
  tokensPerMinute?: number
  /** Seconds of quota that may be used at once. @default 1 */
  burstSeconds?: number
}

/** The fewest tokens of a cached prefix. */
export interface CacheMinimum {
  model?: string | undefined
  tokens: number
}

/** A script of the models that the pattern matches; each answer of an assistant in a conversation is one of its turns. */
export interface ScriptRule extends Script {
  model?: string | undefined
}

/** How long the model takes; generation times are about `lognormal`: a median and a long tail. */
export type Latency =
  | { kind: 'fixed'; ms: number }
  | { kind: 'uniform'; minMs: number; maxMs: number }
  | { kind: 'lognormal'; medianMs: number; sigma: number }

/** What a fault rule does to a call: an error of Bedrock's, or a broken connection or answer. */
export type Fault =
  | 'throttle'
  | 'throttleday'
  | 'unavailable'
  | 'internal'
  | 'notready'
  | 'modelerror'
  | 'modeltimeout'
  | 'validation'
  | 'denied'
  | 'slow'
  | 'hang'
  | 'reset'
  | 'malformed'
  | 'halfbody'
  | 'stall'
  | 'break'
  | 'streamerror'

/** Makes a share of the calls, or the first few, fail. Patterns may hold `*`; absent means any. */
export interface FaultRule {
  model?: string
  region?: string
  /** Share of the matching calls, 0 to 1. @default 1 */
  share?: number
  /** Strikes the first n matching calls only. */
  count?: number
  fault: Fault
  /** Sent as `retry-after` with an error. */
  retryAfterSeconds?: number
  /** For `slow`: added to the model's time. @default 5000 */
  slowMs?: number
}

export const DEFAULT_SETTINGS: SimSettings = {
  quotas: [],
  latency: { kind: 'fixed', ms: 0 },
  faults: [],
  stream: {},
  scripts: [],
  cacheMinimums: [{ model: '*haiku*', tokens: 4096 }, { tokens: 1024 }],
  schemaCompileMs: 0,
  guardrails: [DEFAULT_GUARDRAIL],
  tiers: DEFAULT_TIERS,
  roles: [],
  podRole: 'arn:aws:iam::123456789012:role/pod',
  lenient: [],
  recordBodies: false,
}

const pattern = z.string().min(1)
const milliseconds = z.number().nonnegative().max(3_600_000)

const quotaRule = z.strictObject({
  accessKey: pattern.exactOptional(),
  region: pattern.exactOptional(),
  model: pattern.exactOptional(),
  requestsPerMinute: z.number().positive().exactOptional(),
  tokensPerMinute: z.number().positive().exactOptional(),
  burstSeconds: z.number().positive().exactOptional(),
}) satisfies z.ZodType<QuotaRule>

const latency = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), ms: milliseconds }),
  z
    .strictObject({ kind: z.literal('uniform'), minMs: milliseconds, maxMs: milliseconds })
    .refine(({ minMs, maxMs }) => minMs <= maxMs, 'minMs must not be above maxMs'),
  z.strictObject({
    kind: z.literal('lognormal'),
    medianMs: milliseconds,
    sigma: z.number().nonnegative().max(5),
  }),
]) satisfies z.ZodType<Latency>

const faultRule = z.strictObject({
  model: pattern.exactOptional(),
  region: pattern.exactOptional(),
  share: z.number().min(0).max(1).exactOptional(),
  count: z.int().positive().exactOptional(),
  fault: z.enum([
    'throttle',
    'throttleday',
    'unavailable',
    'internal',
    'notready',
    'modelerror',
    'modeltimeout',
    'validation',
    'denied',
    'slow',
    'hang',
    'reset',
    'malformed',
    'halfbody',
    'stall',
    'break',
    'streamerror',
  ]),
  retryAfterSeconds: z.int().nonnegative().exactOptional(),
  slowMs: milliseconds.exactOptional(),
}) satisfies z.ZodType<FaultRule>

const change = z.strictObject({
  quotas: z.array(quotaRule).exactOptional(),
  latency: latency.exactOptional(),
  faults: z.array(faultRule).exactOptional(),
  stream: streamScript.exactOptional(),
  scripts: z.array(z.strictObject({ model: pattern.optional(), ...scriptFields })).exactOptional(),
  cacheMinimums: z
    .array(z.strictObject({ model: pattern.optional(), tokens: z.int().nonnegative() }))
    .exactOptional(),
  schemaCompileMs: milliseconds.exactOptional(),
  guardrails: z.array(guardrailRule).exactOptional(),
  tiers: tierRules.exactOptional(),
  roles: z.array(roleRule).exactOptional(),
  podRole: z.string().min(1).exactOptional(),
  sessionSeconds: z.number().positive().exactOptional(),
  lenient: z.array(pattern).exactOptional(),
  recordBodies: z.boolean().exactOptional(),
}) satisfies z.ZodType<Partial<SimSettings>>

/**
 * Reads a change of settings.
 * @throws RangeError naming each wrong field and what it must be
 */
export function readSettings(value: unknown): Partial<SimSettings> {
  return read(change, 'settings', value)
}

/**
 * Reads one fault rule.
 * @throws RangeError naming each wrong field and what it must be
 */
export function readFaultRule(value: unknown): FaultRule {
  return read(faultRule, 'rule', value)
}

function read<T>(schema: z.ZodType<T>, name: string, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => {
    const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
    return `  ${name}${field}: ${message}`
  })
  throw new RangeError(`The settings are not valid, nothing was changed:\n${problems.join('\n')}`)
}
