// Where this process finds connector secrets, and who may use them, from its settings and its environment.
import type { Aside } from '../src/aside/aside.ts'
import { makeAuthorization } from '../src/camunda/authorization.ts'
import type { RestClient } from '../src/camunda/rest-client.ts'
import type { FeelPool } from '../src/feel/pool.ts'
import { type AllowLists, makeAllowLists } from '../src/secrets/allow-lists.ts'
import { makeConsoleProvider } from '../src/secrets/console-provider.ts'
import { makeEnvironmentProvider, makeOwnVariables } from '../src/secrets/environment-provider.ts'
import { makeFileProvider } from '../src/secrets/file-provider.ts'
import type { SecretProvider } from '../src/secrets/secret-provider.ts'
import {
  makeSecretResolver,
  type SecretResolver,
  type SecretResolverParts,
} from '../src/secrets/secret-resolver.ts'
import { listSettings } from '../src/settings/list-settings.ts'
import type { Settings } from '../src/settings/settings.ts'

/** A log line about settings. */
export type Notice = Readonly<{ level: 'info' | 'warn'; message: string }>

/**
 * @param rest - the REST API; null if its address is not set.
 * @param with - `feel` parses long expressions, `aside` reads large variables.
 */
export function makeSecrets(
  settings: Settings,
  rest: RestClient | null,
  { feel, aside }: { readonly feel: Pick<FeelPool, 'paths'>; readonly aside?: Aside },
): SecretResolver {
  return makeSecretResolver({
    ...(aside === undefined ? {} : { aside }),
    providers: providers(settings),
    filter: secretFilter(settings, rest, feel),
    compatibility: settings.compatibility,
  })
}

/** What an operator should know about the setup of secrets. */
export function secretNotices(settings: Settings): readonly Notice[] {
  const notices: Notice[] = []
  if (settings.roles.every((role) => role === 'ops')) return notices
  if (settings.secrets.environment.enabled && environmentPrefix(settings) === '') {
    const message =
      "every environment variable that is not Quarry's own is a connector secret: set CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_PREFIX"
    notices.push({ level: 'warn', message })
  }
  if (shares(settings)) notices.push({ level: 'warn', message: SHARED })
  const mode = filterMode(settings)
  const hasRest = settings.zeebe.restAddress !== undefined
  if (mode === 'DISABLED' || (mode === 'LAX' && !hasRest)) {
    const why =
      mode === 'LAX'
        ? `${FILTER_MODE} is LAX, and the address of the REST API is not set (ZEEBE_REST_ADDRESS)`
        : `${FILTER_MODE} is DISABLED, as it is by default with compatibility 8.8`
    const message = `the secret filter is off: whoever starts a process can have every secret sent to a model, and read it in the answer, as ${why}. Set ZEEBE_REST_ADDRESS and ${FILTER_MODE}=STRICT`
    notices.push({ level: 'warn', message })
  } else if (!hasRest) {
    const message = `jobs that use connector secrets fail: ${NO_REST}`
    notices.push({ level: 'info', message })
  }
  return notices
}

/** Whether tenants can get each other's secrets from any source. */
function shares({ zeebe, secrets }: Settings): boolean {
  const { environment, directory, tenantDirectories, console } = secrets
  const fromFiles = directory !== undefined && !(tenantDirectories ?? environment.tenantAware)
  const shared = (environment.enabled && !environment.tenantAware) || fromFiles || console.enabled
  return zeebe.tenantIds.length > 1 && shared
}

const SHARED =
  'jobs of several tenants are taken, and each of them can use the secrets of all: set CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_TENANTAWARE=true, and QUARRY_SECRETS_DIR_TENANTAWARE=true where secrets are files'
const FILTER_MODE = 'CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER_MODE'
const NO_REST = `the process defines which secrets a task may use, and it is read from Camunda's REST API. Set ZEEBE_REST_ADDRESS, or ${FILTER_MODE}=DISABLED, with which every task may use every secret`

/** The recorded 8.8 has no filter. */
export function filterMode({ compatibility, secrets }: Settings): 'DISABLED' | 'LAX' | 'STRICT' {
  return secrets.filter.mode ?? (compatibility === '8.8' ? 'DISABLED' : 'STRICT')
}

function secretFilter(
  settings: Settings,
  rest: RestClient | null,
  feel: Pick<FeelPool, 'paths'>,
): SecretResolverParts['filter'] {
  const mode = filterMode(settings)
  if (mode === 'DISABLED') return null
  const { cacheEnabled, cacheMaxSize } = settings.secrets.filter
  const cacheSize = cacheEnabled ? cacheMaxSize : 0
  const { compatibility } = settings
  const from = { compatibility, cacheSize, pathsElsewhere: feel.paths }
  return { lists: rest === null ? UNREADABLE : makeAllowLists({ rest, ...from }), mode }
}

const UNREADABLE: AllowLists = { of: () => Promise.reject(new Error(NO_REST)) }

function environmentPrefix({ compatibility, secrets }: Settings): string {
  return secrets.environment.prefix ?? (compatibility === '8.8' ? '' : 'SECRET_')
}

function providers(settings: Settings): SecretProvider[] {
  const { environment, directory, tenantDirectories, console } = settings.secrets
  const found: SecretProvider[] = []
  if (environment.enabled) {
    const isOwn = makeOwnVariables(
      listSettings().flatMap(({ facts }) => [...facts.environment, ...(facts.aliases ?? [])]),
    )
    const prefix = environmentPrefix(settings)
    found.push(makeEnvironmentProvider({ ...environment, environment: process.env, prefix, isOwn }))
  }
  if (directory !== undefined)
    found.push(makeFileProvider(directory, tenantDirectories ?? environment.tenantAware))
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
