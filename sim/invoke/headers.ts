// Whether Bedrock would take the headers of InvokeModel. Pure.
import { metadata, oneOf, structure, text } from '../converse/shapes.ts'

const PREFIX = 'x-amzn-bedrock-'

const shape = structure({
  'trace?': oneOf('ENABLED', 'DISABLED', 'ENABLED_FULL'),
  'guardrailidentifier?': text({ min: 1 }),
  'guardrailversion?': text({ pattern: /^([1-9][0-9]{0,7}|DRAFT)$/ }),
  'performanceconfig-latency?': oneOf('standard', 'optimized'),
  'service-tier?': oneOf('priority', 'default', 'flex', 'reserved'),
})

/** What is wrong with the headers; undefined when nothing is. */
export function headersProblem(headers: Readonly<Record<string, string>>): string | undefined {
  const own = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value] as const] : [],
  )
  const given = Object.fromEntries(own)
  const problems = [...shape(given, ''), ...metadataProblems(given['request-metadata'])]
  if (given['guardrailidentifier'] !== undefined && given['guardrailversion'] === undefined) {
    problems.push("Value at 'guardrailVersion' failed to satisfy constraint: Member must not be null")
  }
  if (problems.length === 0) return undefined
  return `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`
}

function metadataProblems(value: string | undefined): readonly string[] {
  if (value === undefined) return []
  try {
    return metadata(JSON.parse(value), 'requestMetadata')
  } catch {
    return ["Value at 'requestMetadata' failed to satisfy constraint: Member must be JSON"]
  }
}
