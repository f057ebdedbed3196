// Where this process finds connector secrets, and who may use them: from its settings and its environment.
import { makeAuthorization } from '../src/camunda/authorization.ts'
import type { RestClient } from '../src/camunda/rest-client.ts'
import type { FeelPool } from '../src/feel/pool.ts'
import { makeAllowLists } from '../src/secrets/allow-lists.ts'
import { makeConsoleProvider } from '../src/secrets/console-provider.ts'
import { makeEnvironmentProvider } from '../src/secrets/environment-provider.ts'
import { makeFileProvider } from '../src/secrets/file-provider.ts'
import { makeOwnVariables } from '../src/secrets/own-variables.ts'
import type { SecretProvider } from '../src/secrets/secret-provider.ts'
import {
  makeSecretResolver,
  type SecretResolver,
  type SecretResolverParts,
} from '../src/secrets/secret-resolver.ts'
import { listSettings } from '../src/settings/list-settings.ts'
import type { Settings } from '../src/settings/settings.ts'

/**
 * @param rest - the REST API, null where its address is not set.
 * @param feel - reads expressions that take long.
 */
export function makeSecrets(
  settings: Settings,
  rest: RestClient | null,
  feel: Pick<FeelPool, 'paths'>,
): SecretResolver {
  return makeSecretResolver({
    providers: providers(settings),
    filter: rest === null || filterMode(settings) === 'DISABLED' ? null : secretFilter(settings, rest, feel),
    compatibility: settings.compatibility,
  })
}

/** What an operator should know of how secrets are set up. */
export function secretNotices(
  settings: Settings,
): readonly { readonly level: 'info' | 'warn'; readonly message: string }[] {
  const { environment, filter } = settings.secrets
  const notices: { level: 'info' | 'warn'; message: string }[] = []
  if (settings.roles.every((role) => role === 'ops')) return notices
  if (environment.enabled && environmentPrefix(settings) === '') {
    const message =
      "every environment variable that is not Quarry's own is a connector secret: set CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_PREFIX"
    notices.push({ level: 'warn', message })
  }
  if (filterMode(settings) === 'DISABLED') {
    const why =
      settings.zeebe.restAddress === undefined && filter.mode !== 'DISABLED'
        ? 'the address of the REST API is not set (ZEEBE_REST_ADDRESS)'
        : 'CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER_MODE is DISABLED, as it is by default with compatibility 8.8'
    const message = `the secret filter is off, every task may use every secret: ${why}`
    notices.push({ level: 'info', message })
  }
  return notices
}

/** Without the REST API there is nothing to filter by; the recorded 8.8 has no filter. */
function filterMode({ compatibility, secrets, zeebe }: Settings): 'DISABLED' | 'LAX' | 'STRICT' {
  if (zeebe.restAddress === undefined) return 'DISABLED'
  return secrets.filter.mode ?? (compatibility === '8.8' ? 'DISABLED' : 'STRICT')
}

function secretFilter(
  settings: Settings,
  rest: RestClient,
  feel: Pick<FeelPool, 'paths'>,
): SecretResolverParts['filter'] {
  const { cacheEnabled, cacheMaxSize } = settings.secrets.filter
  const cacheSize = cacheEnabled ? cacheMaxSize : 0
  const { compatibility } = settings
  const lists = makeAllowLists({ rest, compatibility, cacheSize, pathsElsewhere: feel.paths })
  return { lists, mode: filterMode(settings) === 'LAX' ? 'LAX' : 'STRICT' }
}

function environmentPrefix({ compatibility, secrets }: Settings): string {
  return secrets.environment.prefix ?? (compatibility === '8.8' ? '' : 'SECRET_')
}

function providers(settings: Settings): SecretProvider[] {
  const { environment, directory, console } = settings.secrets
  const found: SecretProvider[] = []
  if (environment.enabled) {
    const isOwn = makeOwnVariables(
      listSettings().flatMap(({ facts }) => [...facts.environment, ...(facts.aliases ?? [])]),
    )
    const prefix = environmentPrefix(settings)
    found.push(makeEnvironmentProvider({ ...environment, environment: process.env, prefix, isOwn }))
  }
  if (directory !== undefined) found.push(makeFileProvider(directory))
  if (console.enabled) {
    const { oauthUrl: url = '', clientId = '', clientSecret = '', scope } = settings.zeebe.auth
    const { endpoint, audience } = console
    const oauth = { strategy: 'OAUTH', url, clientId, clientSecret, audience, scope } as const
    found.push(
      makeConsoleProvider({
        endpoint,
        authorization: makeAuthorization(oauth),
        now: performance.now.bind(performance),
      }),
    )
  }
  return found
}
