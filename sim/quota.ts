// Bedrock's quotas: a bucket of requests and one of tokens for each lane (access key, region, model), refilled
// continuously. Tokens are reserved at the start (estimated input + max tokens) and settled at the end (input +
// output). Pure: the clock is an argument.
import type { QuotaRule } from './settings.ts'
import { makeMatcher } from './wildcard.ts'

/** Whose quota a call uses. */
export interface Lane {
  accessKey: string
  region: string
  model: string
}

/** The name of a lane in the statistics: `accessKey|region|model`. */
export function laneName({ accessKey, region, model }: Lane): string {
  return `${accessKey}|${region}|${model}`
}

/** The result of a request for quota: taken, or which quota is used up. */
export type Admission = 'taken' | 'no requests' | 'no tokens'

interface Bucket {
  level: number
  at: number
}

interface LaneQuota {
  rules: readonly CompiledRule[]
  rule: QuotaRule | undefined
  requests: Bucket | undefined
  tokens: Bucket | undefined
}

interface CompiledRule {
  rule: QuotaRule
  matches: (lane: Lane) => boolean
}

function compile(rule: QuotaRule): CompiledRule {
  const accessKey = makeMatcher(rule.accessKey)
  const region = makeMatcher(rule.region)
  const model = makeMatcher(rule.model)
  return { rule, matches: (lane) => accessKey(lane.accessKey) && region(lane.region) && model(lane.model) }
}

/** The quotas of all lanes. Changing the rules keeps what lanes have used; a new lane starts with a full bucket. */
export class Quotas {
  #rules: readonly CompiledRule[] = []
  readonly #lanes = new Map<string, LaneQuota>()

  /** Puts new rules in force for every lane at once. */
  configure(rules: readonly QuotaRule[]): void {
    this.#rules = rules.map(compile)
  }

  /** Fills every bucket again. */
  reset(): void {
    this.#lanes.clear()
  }

  /** The rule for the lane, if any. */
  ruleOf(lane: Lane): QuotaRule | undefined {
    return this.#laneQuota(lane).rule
  }

  /** Takes one request and the reserved tokens, both or none. */
  take(lane: Lane, reservedTokens: number, now: number): Admission {
    const quota = this.#laneQuota(lane)
    const { rule } = quota
    if (rule === undefined) return 'taken'
    const requestCapacity = capacity(rule.requestsPerMinute, rule)
    const tokenCapacity = capacity(rule.tokensPerMinute, rule)
    quota.requests = refill(quota.requests, rule.requestsPerMinute, requestCapacity, now)
    quota.tokens = refill(quota.tokens, rule.tokensPerMinute, tokenCapacity, now)
    if (!holds(quota.requests, Math.min(1, requestCapacity))) return 'no requests'
    // A call larger than the burst is accepted when the bucket is full, and leaves a debt, so the rate is still kept.
    if (!holds(quota.tokens, Math.min(reservedTokens, tokenCapacity))) return 'no tokens'
    quota.requests.level -= 1
    quota.tokens.level -= reservedTokens
    return 'taken'
  }

  /** Replaces the reserved tokens by the used ones; a value below zero is a debt, which refilling pays off. */
  settle(lane: Lane, reservedTokens: number, usedTokens: number): void {
    const { tokens } = this.#laneQuota(lane)
    if (tokens !== undefined) tokens.level += reservedTokens - usedTokens
  }

  #laneQuota(lane: Lane): LaneQuota {
    const name = laneName(lane)
    let quota = this.#lanes.get(name)
    if (quota === undefined) {
      quota = { rules: [], rule: undefined, requests: undefined, tokens: undefined }
      this.#lanes.set(name, quota)
    }
    if (quota.rules !== this.#rules) {
      quota.rules = this.#rules
      quota.rule = this.#rules.find(({ matches }) => matches(lane))?.rule
    }
    return quota
  }
}

function capacity(perMinute: number | undefined, { burstSeconds = 1 }: QuotaRule): number {
  return perMinute === undefined ? Number.POSITIVE_INFINITY : (perMinute / 60) * burstSeconds
}

function refill(
  bucket: Bucket | undefined,
  perMinute: number | undefined,
  full: number,
  now: number,
): Bucket {
  if (bucket === undefined || perMinute === undefined) return { level: full, at: now }
  bucket.level = Math.min(full, bucket.level + ((now - bucket.at) / 60_000) * perMinute)
  bucket.at = now
  return bucket
}

/** Refilling in many small steps loses the last bits of a sum; a caller at exactly the rate must not be throttled. */
function holds({ level }: Bucket, amount: number): boolean {
  return level + 1e-6 >= amount
}
