// Settings as other products write them: names of variables, and values. Pure. A value in another form than theirs stays as it
// is, so that the error shows what was written.
import { formatDuration } from '../job/duration.ts'
import type { Environment } from './setting-source.ts'

/**
 * The variables by which Spring Boot, and so the stock connector runtime, sets a property: first the documented name without
 * dashes, then with underscores for dashes, which Spring also takes.
 * @param property such as `camunda.client.auth.client-id`
 */
export function springNames(...properties: readonly string[]): string[] {
  return properties.flatMap((property) => {
    const upper = property.toUpperCase().replaceAll('.', '_')
    return [...new Set([upper.replaceAll('-', ''), upper.replaceAll('-', '_')])]
  })
}

/** Adds variables under the names that {@link springNames} gives, for those that are written as properties: Spring takes these as well. */
export function withSpringNames(environment: Environment): Environment {
  const properties = Object.entries(environment).filter(([name]) => /^(camunda|zeebe)\.[\w.-]+$/.test(name))
  const renamed = properties.flatMap(([name, value]) => springNames(name).map((other) => [other, value]))
  return { ...Object.fromEntries(renamed), ...environment }
}

/** Converts the value of another product's variable to our form. */
export type Translate = (text: string) => string

/** Whole milliseconds, as the connector runtime's own timeouts are written. */
export const fromMilliseconds: Translate = (text) =>
  /^\d{1,15}$/.test(text) ? formatDuration(Number(text)) : text

const UNITS_MS = { ns: 1e-6, us: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration as Spring takes it: `PT5M`, `5m`, `300s`, or milliseconds. */
export const fromSpringDuration: Translate = (text) => {
  const [matched, amount, unit] = /^(\d{1,15})(ns|us|ms|s|m|h|d)?$/i.exec(text) ?? []
  if (matched === undefined) return text
  const factor = Object.entries(UNITS_MS).find(([name]) => name === (unit ?? 'ms').toLowerCase())?.[1] ?? 1
  return formatDuration(Number(amount) * factor)
}

/** For a variable that means `true` whenever it is set. */
export const fromPresence: Translate = () => 'true'
