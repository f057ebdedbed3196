// Where this process finds connector secrets, and who may use them, from its settings and its environment.
import type { Aside } from '../src/aside/aside.ts'
import { makeAuthorization } from '../src/camunda/authorization.ts'
import type { RestClient } from '../src/camunda/rest-client.ts'
import type { FeelPool } from '../src/feel/pool.ts'
import type { Line } from '../src/job/line.ts'
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
import { byLine, lineOfJob } from './connector-line.ts'
import { environmentPrefix, filterMode, NO_REST } from './secret-rules.ts'

/**
 * @param rest - the REST API; null if its address is not set.
 * @param with - `feel` parses long expressions, `aside` reads large variables.
 */
export function makeSecrets(
  settings: Settings,
  rest: RestClient | null,
  { feel, aside }: { readonly feel: Pick<FeelPool, 'paths'>; readonly aside?: Aside },
): SecretResolver {
  const of = byLine((line) =>
    makeSecretResolver({
      ...(aside === undefined ? {} : { aside }),
      providers: providers(settings, line),
      filter: secretFilter(settings, line, rest, feel),
      compatibility: line,
    }),
  )
  return {
    resolve: (job, variables) => of(lineOfJob(settings, job)).resolve(job, variables),
    value: (name, scope) => of(lineOfJob(settings, scope)).value(name, scope),
  }
}

function secretFilter(
  settings: Settings,
  line: Line,
  rest: RestClient | null,
  feel: Pick<FeelPool, 'paths'>,
): SecretResolverParts['filter'] {
  const mode = filterMode(settings, line)
  if (mode === 'DISABLED') return null
  const { cacheEnabled, cacheMaxSize } = settings.secrets.filter
  const cacheSize = cacheEnabled ? cacheMaxSize : 0
  const from = { compatibility: line, cacheSize, pathsElsewhere: feel.paths }
  return { lists: rest === null ? UNREADABLE : makeAllowLists({ rest, ...from }), mode }
}

const UNREADABLE: AllowLists = { of: () => Promise.reject(new Error(NO_REST)) }

function providers(settings: Settings, line: Line): SecretProvider[] {
  const { environment, directory, tenantDirectories, console } = settings.secrets
  const found: SecretProvider[] = []
  if (environment.enabled) {
    const isOwn = makeOwnVariables(
      listSettings().flatMap(({ facts }) => [...facts.environment, ...(facts.aliases ?? [])]),
    )
    const prefix = environmentPrefix(settings, line)
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
