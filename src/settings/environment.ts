// What the environment says about settings. Decides which variables count and which are mistakes; reads no process.env.
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'

/** Variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

const PREFIX = 'QUARRY_'

// Read by embedded/ for the demo and the tests, which start before there are settings.
const READ_ELSEWHERE = ['QUARRY_CACHE', 'QUARRY_PARTS']

/** The variable that decides a setting: the first of its names that is set, for most settings to more than blanks. */
export function findVariable(
  setting: ListedSetting,
  environment: Environment,
): { readonly name: string; readonly value: string } | null {
  for (const name of setting.facts.environment) {
    const value = environment[name]
    if (value === undefined || isServiceLink(name, value)) continue
    if (value.trim() === '' && setting.facts.mayBeEmpty !== true) continue
    return { name, value: setting.facts.secret === 'whole' ? value : value.trim() }
  }
  return null
}

/** One sentence for each variable that starts with `QUARRY_` and that nothing reads. */
export function unknownVariables(environment: Environment, listed: readonly ListedSetting[]): string[] {
  const known = [...listed.flatMap((setting) => setting.facts.environment), ...READ_ELSEWHERE].filter(
    (name) => name.startsWith(PREFIX),
  )
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith(PREFIX) && value !== undefined && !known.includes(name))
    .filter(([name, value]) => !isServiceLink(name, value ?? ''))
    .map(([name]) => `${name}: there is no such setting.${didYouMean(name, known)}`)
}

// Kubernetes gives every pod variables for the Services of its namespace: a Service `quarry` makes QUARRY_PORT, of all
// names, and QUARRY_SERVICE_HOST. Without this a Service of that name would keep every pod from starting.
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name)) return true
  if (/_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value)
}
