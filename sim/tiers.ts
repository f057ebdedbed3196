// Which service tier and which latency a call gets, of those that it asks for. Pure.
import { z } from 'zod'
import type { InvokeAnswer } from './answers.ts'
import { type ErrorName, isErrorName } from './errors.ts'
import { type JsonObject, textOf } from './json.ts'

const TIERS = ['default', 'flex', 'priority', 'reserved'] as const

/** A tier that is asked for, to the tier that serves it, or to an error that refuses it. */
export type TierRules = Readonly<Record<string, string>>

/** The schema of the rules in the settings. */
export const tierRules = z.partialRecord(
  z.enum(TIERS),
  z
    .string()
    .refine(
      (value) => (TIERS as readonly string[]).includes(value) || isErrorName(value),
      'is no tier and no error',
    ),
)

/** Without a reservation, what asks for one is served as all others. */
export const DEFAULT_TIERS: TierRules = { reserved: 'default' }

/** The tier and the latency that a call gets. */
export interface Served {
  tier: string | undefined
  latency: string | undefined
}

/** Reads what a call asks for, in its body or in its headers. @returns an error that refuses the tier. */
export function servedBy(
  body: unknown,
  headers: Readonly<Record<string, string>>,
  rules: TierRules,
): Served | ErrorName {
  const asked = textOf(body, 'serviceTier', 'type') ?? headers['x-amzn-bedrock-service-tier']
  const latency =
    textOf(body, 'performanceConfig', 'latency') ?? headers['x-amzn-bedrock-performanceconfig-latency']
  const tier = asked === undefined ? undefined : (rules[asked] ?? asked)
  return tier !== undefined && isErrorName(tier) ? tier : { tier, latency }
}

/** Tier and latency as fields of Converse's answer. */
export function servedFields({ tier, latency }: Served): JsonObject {
  return {
    ...(latency !== undefined && { performanceConfig: { latency } }),
    ...(tier !== undefined && { serviceTier: { type: tier } }),
  }
}

/** Tier and latency as headers of InvokeModel's answer. */
export function servedHeaders({ tier, latency }: Served): NonNullable<InvokeAnswer['headers']> {
  return {
    ...(latency !== undefined && { 'x-amzn-bedrock-performanceconfig-latency': latency }),
    ...(tier !== undefined && { 'x-amzn-bedrock-service-tier': tier }),
  }
}
