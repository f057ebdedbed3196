// Reads the text of the lanes file into rules or problems. Pure; settings/lane-rules-file.ts reads the disk.
import type { z } from 'zod'
import type { LaneRules } from '../rules/lane-rules.ts'
import { withNamedAccounts } from '../rules/named-accounts.ts'
import { LANE_RULE_NAMES, laneRulesSchema } from './lane-rules-schema.ts'
import { didYouMean } from './nearest-name.ts'
import { parseYaml, type YamlContent, type YamlFile } from './yaml-text.ts'

/** Either rules, or problems for people. */
type LaneRulesRead =
  | { readonly rules: LaneRules; readonly problems: readonly [] }
  | { readonly rules: null; readonly problems: readonly string[] }

const LONGEST_SHOWN = 100

/** Reads the text of a lanes file. */
export function readLaneRules(file: YamlFile): LaneRulesRead {
  const yaml = parseYaml(file)
  if (yaml.problems.length > 0) return { rules: null, problems: yaml.problems }
  const parsed = laneRulesSchema.safeParse(yaml.content, { reportInput: true })
  if (parsed.success) return { rules: withNamedAccounts(parsed.data), problems: [] }
  return { rules: null, problems: parsed.error.issues.flatMap((issue) => describe(issue, file, yaml)) }
}

function describe(issue: z.core.$ZodIssue, { path }: YamlFile, { lineOf }: YamlContent): string[] {
  const place = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  const name = place === '' ? '' : `${place.slice(1)}: `
  const at = (below: readonly PropertyKey[]): string =>
    `${path}, line ${lineOf([...issue.path, ...below])}: ${name}`
  if (issue.code === 'unrecognized_keys') {
    const group = issue.path.filter((key) => typeof key === 'string').join('.')
    const known = LANE_RULE_NAMES[group] ?? []
    return issue.keys.map(
      (key) => `${at([key])}there is no ${key}.${didYouMean(key, known)} Known names: ${known.join(', ')}.`,
    )
  }
  if (issue.input === undefined) return [`${at([])}not set, but expected: ${issue.message}.`]
  // Somebody may have written the key itself.
  const isKey = issue.path.includes('apiKey') || issue.path.includes('apiKeys')
  return [`${at([])}${isKey ? 'what is there' : shown(issue.input)} is not ${issue.message}.`]
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}
