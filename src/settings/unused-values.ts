// Values that are valid, and that serve nothing: credentials that no connection uses, and regions that AWS does not have. A warning for each.
// Pure.
import type { SettingSource } from './setting-source.ts'
import type { Settings } from './settings.ts'

/** One sentence for each. Shows no credential. */
export function unusedValues(
  settings: Settings,
  sources: ReadonlyMap<string, SettingSource>,
): readonly string[] {
  return [...unusedCredentials(settings, sources), ...noRegions(settings, sources)]
}

const CREDENTIALS = [
  {
    names: ['clientId', 'clientSecret'],
    strategy: 'OAUTH',
    needs:
      'the OAuth address (CAMUNDA_OAUTH_URL, ZEEBE_AUTHORIZATION_SERVER_URL or CAMUNDA_CLIENT_AUTH_TOKENURL), a client id and a client secret',
  },
  { names: ['username', 'password'], strategy: 'BASIC', needs: 'a user name and a password' },
  { names: ['token'], strategy: 'BEARER', needs: 'CAMUNDA_AUTH_STRATEGY=BEARER' },
] as const

function unusedCredentials(
  { zeebe: { auth }, roles }: Settings,
  sources: ReadonlyMap<string, SettingSource>,
): string[] {
  const chosen = sources.get('zeebe.auth.strategy')
  const isChosen = chosen !== undefined && chosen.kind !== 'default'
  if (auth.strategy !== 'NONE' || isChosen || roles.every((role) => role === 'ops')) return []
  return CREDENTIALS.flatMap(({ names, strategy, needs }) => {
    const set = names.flatMap((name) => {
      const source = sources.get(`zeebe.auth.${name}`)
      return auth[name] === undefined || source === undefined
        ? []
        : [variableOf(source, `zeebe.auth.${name}`)]
    })
    if (set.length === 0) return []
    const are = set.length === 1 ? 'is' : 'are'
    return [
      `${set.join(' and ')} ${are} set and not used: Quarry signs in to Camunda by ${strategy} with ${needs}. If Camunda wants no sign-in, set CAMUNDA_AUTH_STRATEGY=NONE.`,
    ]
  })
}

/** `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/

function noRegions(
  { regions = [], aws: { region } }: Settings,
  sources: ReadonlyMap<string, SettingSource>,
): string[] {
  const of = (setting: string, values: readonly string[], what: string) => {
    const wrong = values.filter((value) => !REGION.test(value))
    if (wrong.length === 0) return []
    const name = variableOf(sources.get(setting) ?? { kind: 'unset' }, setting)
    return [`${name}: ${wrong.join(', ')} is no AWS region (such as us-east-1): ${what}.`]
  }
  return [
    ...of('regions', regions, 'this process serves no lane there'),
    ...of('aws.region', region === undefined ? [] : [region], 'calls to it do not find Bedrock'),
  ]
}

function variableOf(source: SettingSource, setting: string): string {
  return 'name' in source ? (source.kind === 'flag' ? `--${source.name}` : source.name) : setting
}
