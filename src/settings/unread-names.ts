// Variables that the stock connector runtime reads and Quarry does not: a warning for each whose absence changes something.
// Pure. They are never errors, since the stock runtime accepts them all.
import { isServiceLink, isVariableOf } from './environment.ts'
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'
import type { Environment } from './setting-source.ts'

const FAMILIES = /^(CAMUNDA_CLIENT_|CONNECTOR_AWS_BEDROCK_|CONNECTOR_HTTPS?_PROXY_|CONNECTOR_OUTBOUND_)/

/** Without effect in Quarry, and no loss: docs/compatibility.md lists them. */
const NOT_NEEDED = new RegExp(
  `^(${[
    'CONNECTOR_OUTBOUND_(DISABLED|ENABLED|DISCOVERY_?DISABLED)',
    'CONNECTOR_AWS_BEDROCK_(FUNCTION|INPUT_?VARIABLES)',
    'CAMUNDA_CLIENT_(ENABLED|EXECUTION_?THREADS|MESSAGE_?TIME_?TO_?LIVE|MAX_?MESSAGE_?SIZE|MAX_?METADATA_?SIZE)',
    'CAMUNDA_CLIENT_(KEEP_?ALIVE|PREFER_?REST_?OVER_?GRPC|REQUEST_?TIMEOUT(_?OFFSET)?|MAX_?HTTP_?CONNECTIONS)',
    'CAMUNDA_CLIENT_(USE_?CLIENT_?SIDE_?LOAD_?BALANCING|(DEPLOYMENT|CLUSTER_?VARIABLES|IDENTITY)_.*|ZEEBE_.*)',
    'CAMUNDA_CLIENT_AUTH_(CREDENTIALS_?CACHE_?PATH|CONNECT_?TIMEOUT|READ_?TIMEOUT|PROACTIVE.*|TOKEN_?FETCH.*)',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_(MAX_?JOBS_?ACTIVE|POLL_?INTERVAL|STREAM_?(ENABLED|TIMEOUT)|REQUEST_?TIMEOUT)',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_(AUTO_?COMPLETE|(FORCE_)?FETCH_?(ALL_?)?VARIABLES.*|ENABLED|NAME|TYPE)',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_(MAX_?RETRIES|RETRY_?BACKOFF)',
  ].join('|')})$`,
)

const NOT_SUPPORTED: readonly (readonly [RegExp, string])[] = [
  [
    /^CAMUNDA_CLIENT_AUTH_(KEY|TRUST)STORE_?/,
    'Java key stores are not read: give PEM files with CAMUNDA_CUSTOM_ROOT_CERT_PATH, CAMUNDA_CUSTOM_CERT_CHAIN_PATH and CAMUNDA_CUSTOM_PRIVATE_KEY_PATH.',
  ],
  [
    /^CAMUNDA_CLIENT_AUTH_CLIENT_?ASSERTION_/,
    'client assertions are not supported: give a client secret, or a client certificate in PEM files.',
  ],
]

/** One sentence for each variable that somebody may rely on and that nothing reads. */
export function unreadNames(environment: Environment, listed: readonly ListedSetting[]): string[] {
  return [...unreadFamilies(environment, listed), ...unreadProxies(environment)]
}

const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']

function unreadProxies(environment: Environment): string[] {
  return PROXIES.filter((name) =>
    /^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(environment[name]?.trim() ?? ''),
  ).map((name) => `${name}: AWS is not called through it: Quarry supports http:// and https:// proxies only.`)
}

function unreadFamilies(environment: Environment, listed: readonly ListedSetting[]): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (value === undefined || value.trim() === '' || !FAMILIES.test(name)) return []
    if (NOT_NEEDED.test(name) || isServiceLink(name, value)) return []
    if (listed.some((setting) => isVariableOf(setting, name))) return []
    const reason = NOT_SUPPORTED.find(([pattern]) => pattern.test(name))?.[1]
    if (reason !== undefined) return [`${name}: ${reason}`]
    const known = listed.flatMap(({ facts }) => facts.environment.filter((one) => FAMILIES.test(one)))
    return [`${name}: Quarry does not read it.${didYouMean(name, known)}`]
  })
}
