// Variables that somebody may rely on and that nothing reads: settings of the stock connector runtime, and misspelt names. A warning for each.
// Pure. They are never errors, since other programs may read them.
import { closest, distance } from 'fastest-levenshtein'
import { isServiceLink, isVariableOf } from './environment.ts'
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'
import type { Environment } from './setting-source.ts'
import { DIFFERENT, FAMILIES, NOT_NEEDED } from './stock-settings.ts'

/** One sentence for each. */
export function unreadNames(environment: Environment, listed: readonly ListedSetting[]): string[] {
  const unread = Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || value.trim() === '' || isServiceLink(name, value)) return []
    if (listed.some((setting) => isVariableOf(setting, name))) return []
    const warning = ofStockRuntime(name, value.trim(), listed) ?? misspelt(name, listed)
    return warning === '' ? [] : [`${name}: ${warning}`]
  })
  return [...unread, ...unreadProxies(environment)]
}

/** Null for a name that is none of the stock runtime's; empty for one without a loss. */
function ofStockRuntime(name: string, value: string, listed: readonly ListedSetting[]): string | null {
  const different = DIFFERENT.find(({ names, values }) => names.test(name) && (values?.test(value) ?? true))
  if (different !== undefined) return different.say
  if (NOT_NEEDED.test(name)) return ''
  if (!FAMILIES.test(name)) return null
  const known = namesOf(listed).filter((one) => FAMILIES.test(one))
  return `Quarry does not read it.${didYouMean(name, known)}`
}

const MAY_BE_MISSPELT = /^(ZEEBE|CAMUNDA|CONNECTOR|REDIS|AWS|OTEL|LOG)_/
/** Of services that Quarry does not call: they differ from those that it calls by a few letters. */
const OF_OTHER_SERVICES = /^AWS_ENDPOINT_URL_/
const MOST_MISTAKES = 2

/** Empty for a name that is near no name of a setting. */
function misspelt(name: string, listed: readonly ListedSetting[]): string {
  if (!MAY_BE_MISSPELT.test(name) || OF_OTHER_SERVICES.test(name)) return ''
  const nearest = closest(name, namesOf(listed))
  return distance(name, nearest) <= MOST_MISTAKES ? `nothing reads it. Did you mean ${nearest}?` : ''
}

function namesOf(listed: readonly ListedSetting[]): string[] {
  return listed.flatMap(({ facts }) => facts.environment)
}

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

function unreadProxies(environment: Environment): string[] {
  return PROXIES.filter((name) =>
    /^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(environment[name]?.trim() ?? ''),
  ).map((name) => `${name}: AWS is not called through it: Quarry supports http:// and https:// proxies only.`)
}
