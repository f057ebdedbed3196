// Turns AWS Service Quotas of Amazon Bedrock into lane rules. Only a quota's name shows which lane it is for. Pure.
// AWS counts per minute and model, and separately for calls of a model itself, of its geographic and of its global profile.
import type { QuotaRule } from './lane-rules.ts'
import { GEOGRAPHIC_PROFILES, QUOTA_MODELS } from './quota-models.ts'

/** A quota as Service Quotas lists it. */
interface ListedQuota {
  readonly name: string
  /** The granted value, in the unit of the name, such as a minute. */
  readonly value: number
}

export interface ImportedQuotas {
  readonly rules: readonly QuotaRule[]
  /** Quotas of calls per minute without a rule, and why. */
  readonly left: readonly (ListedQuota & { readonly why: string })[]
}

// The API writes "model inference" and "cross-region" or "cross-Region", the user guide "InvokeModel".
const NAME =
  /^(on-demand|cross-region|global cross-region) (?:model inference|invokemodel) (requests|tokens) per minute for (.+)$/i

/** Turns the quotas of one region into rules, sorted by model. */
export function importQuotas(region: string, listed: readonly ListedQuota[]): ImportedQuotas {
  const rules = new Map<string, QuotaRule>()
  const left: ImportedQuotas['left'][number][] = []
  for (const quota of listed) {
    if (!/\bper minute\b/i.test(quota.name)) continue
    const meant = readName(region, quota)
    if ('why' in meant) {
      left.push({ ...quota, why: meant.why })
      continue
    }
    for (const model of meant.models) {
      rules.set(model, { ...rules.get(model), region, model, [meant.figure]: Math.floor(quota.value) })
    }
  }
  const sorted = [...rules].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, rule]) => rule)
  return { rules: sorted, left }
}

type Meaning =
  | { readonly figure: 'requestsPerMinute' | 'tokensPerMinute'; readonly models: readonly string[] }
  | { readonly why: string }

function readName(region: string, { name, value }: ListedQuota): Meaning {
  const [, kind = '', unit = '', label = ''] = NAME.exec(name) ?? []
  if (kind === '') return { why: 'not a quota of calls through bedrock-runtime' }
  const model = QUOTA_MODELS[label.trim().toLowerCase().replaceAll(/\s+/g, ' ').replace(/ v1$/, '')]
  if (model === undefined) return { why: 'the model is not known by this name' }
  if (value < 1) return { why: 'AWS grants none' }
  const figure = unit.toLowerCase() === 'requests' ? 'requestsPerMinute' : 'tokensPerMinute'
  switch (kind.toLowerCase()) {
    case 'on-demand':
      return { figure, models: [model] }
    case 'global cross-region':
      return { figure, models: [`global.${model}`] }
    default: {
      const [, prefixes] = GEOGRAPHIC_PROFILES.find(([start]) => region.startsWith(start)) ?? []
      if (prefixes === undefined) return { why: 'the profiles of this region are not known' }
      return { figure, models: prefixes.map((prefix) => `${prefix}.${model}`) }
    }
  }
}

/** The text of a file for QUARRY_LANES_FILE. @param on date of the import, for people. */
export function writeQuotas(on: string, regions: ReadonlyMap<string, ImportedQuotas>): string {
  const lines = [
    `# Quotas of Amazon Bedrock, from AWS Service Quotas on ${on}.`,
    '# A lane named by an ARN, or by an inference profile of your own, needs an entry of its own.',
    'quotas:',
  ]
  let count = 0
  for (const [region, { rules, left }] of regions) {
    lines.push(`  # ${region}`)
    for (const rule of rules) lines.push(`  - { ${writeRule(rule)} }`)
    count += rules.length
    if (left.length > 0) lines.push('  # Left out:')
    for (const { name, value, why } of left) lines.push(`  #   ${name}: ${value} (${why})`)
  }
  if (count === 0) lines[2] = 'quotas: []'
  return `${lines.join('\n')}\n`
}

function writeRule(rule: QuotaRule): string {
  return Object.entries(rule)
    .map(([name, value]) => `${name}: ${name === 'model' ? JSON.stringify(value) : value}`)
    .join(', ')
}
