// Which environment variables set which settings, and which are mistakes. Pure: reads no process.env.
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'
import type { Environment } from './setting-source.ts'
import { fileVariables, VARIABLES_DIRECTORY } from './variable-files.ts'

const PREFIX = 'QUARRY_'

// embedded/ reads these for the demo and the tests, before settings are loaded.
const READ_ELSEWHERE = ['QUARRY_CACHE', 'QUARRY_PARTS']

/** The variable that sets a setting: the first of its names that is set. Blank values count for few settings (`mayBeEmpty`). */
export function findVariable(
  { facts }: ListedSetting,
  environment: Environment,
): { readonly name: string; readonly value: string } | null {
  for (const name of [...facts.environment, ...(facts.aliases ?? [])]) {
    const value = environment[name] ?? (facts.indexed ? indexedValue(name, environment) : undefined)
    if (value === undefined || isServiceLink(name, value)) continue
    if (value.trim() === '' && facts.mayBeEmpty !== true) continue
    if (facts.secret === 'whole') return { name, value }
    const translate = facts.translate?.[name]
    return { name, value: translate === undefined ? value.trim() : translate(value.trim()) }
  }
  return null
}

/** Whether a variable of that name sets this setting. */
export function isVariableOf({ facts }: ListedSetting, name: string): boolean {
  const read = facts.indexed
    ? name.replace(/_\d+_?$/, '')
    : facts.secret === undefined
      ? name
      : name.replace(/_FILE$/, '')
  return [...facts.environment, ...(facts.aliases ?? [])].some((known) => known === name || known === read)
}

/** A list that Spring reads from `NAME_0`, `NAME_1`, … */
function indexedValue(name: string, environment: Environment): string | undefined {
  const values: string[] = []
  for (let index = 0; ; index += 1) {
    const value = environment[`${name}_${index}`] ?? environment[`${name}_${index}_`]
    if (value === undefined) break
    values.push(value)
  }
  return values.length === 0 ? undefined : values.join(',')
}

/** One sentence for each `QUARRY_` variable that nothing reads. */
export function unknownVariables(environment: Environment, listed: readonly ListedSetting[]): string[] {
  const known = [
    ...listed.flatMap((setting) => setting.facts.environment),
    ...fileVariables(listed).map(({ name }) => name),
    VARIABLES_DIRECTORY,
    ...READ_ELSEWHERE,
  ]
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith(PREFIX) && value !== undefined && !known.includes(name))
    .filter(([name, value]) => !isServiceLink(name, value ?? ''))
    .map(([name]) => `${name}: there is no such setting.${didYouMean(name, known)}`)
}

/**
 * Whether Kubernetes made the variable for a Service of the namespace. A Service named `quarry` makes QUARRY_PORT and
 * QUARRY_SERVICE_HOST in every pod; read as settings, they would keep every pod from starting.
 */
export function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name)) return true
  if (/_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value)
}
