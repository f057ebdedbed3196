// Settings of connector secrets, under the names of the connector runtime. A part of the schema in settings.ts;
// reads nothing.
import { z } from 'zod'
import { tenantsThatMeet } from '../job/relaxed-names.ts'
import { optionalSetting, setting } from './setting.ts'
import { choice, text, textLike, url, wholeNumber } from './setting-types.ts'

const FILTER = 'CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER'
const ENVIRONMENT = 'CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT'
const CONSOLE = 'CAMUNDA_CONNECTOR_SECRETPROVIDER_CONSOLE'
/** The runtime also knows the properties as `camunda.connector.secret-provider.…`. */
const OTHER_ENVIRONMENT = 'CAMUNDA_CONNECTOR_SECRET_PROVIDER_ENVIRONMENT'
const OTHER_CONSOLE = 'CAMUNDA_CONNECTOR_SECRET_PROVIDER_CONSOLE'

/** Other words that Spring, and so the connector runtime, reads as `true` and `false`. */
const SPRING_WORDS: ReadonlyMap<string, 'true' | 'false'> = new Map([
  ['on', 'true'],
  ['yes', 'true'],
  ['1', 'true'],
  ['off', 'false'],
  ['no', 'false'],
  ['0', 'false'],
])

const yesOrNo = () => choice(['true', 'false'], SPRING_WORDS).transform((word) => word === 'true')

const filter = z.strictObject({
  mode: optionalSetting(choice(['DISABLED', 'LAX', 'STRICT']), {
    environment: [`${FILTER}_MODE`, 'CAMUNDA_CONNECTOR_SECRET_RESOLVER_SECRET_FILTER_MODE'],
    doc: 'Whether a task may use only the secrets that its own input mappings name: STRICT fails the job when its process cannot be read, LAX then allows all, DISABLED always does. Unset: STRICT, and DISABLED with `QUARRY_COMPATIBILITY=8.8`, but not where auto finds that line. Processes are read from the REST API (`ZEEBE_REST_ADDRESS`): without its address STRICT fails every job that uses a secret, and LAX allows all.',
    example: 'LAX',
  }),
  cacheEnabled: setting(yesOrNo(), {
    environment: [`${FILTER}_CACHE_ENABLED`, 'CAMUNDA_CONNECTOR_SECRET_RESOLVER_SECRET_FILTER_CACHE_ENABLED'],
    doc: 'Whether process definitions read for the filter are cached.',
    example: 'false',
    default: 'true',
  }),
  cacheMaxSize: setting(wholeNumber({ minimum: 1 }), {
    environment: [
      `${FILTER}_CACHE_MAXSIZE`,
      'CAMUNDA_CONNECTOR_SECRET_RESOLVER_SECRET_FILTER_CACHE_MAX_SIZE',
    ],
    doc: 'Most process definitions in that cache.',
    example: '1000',
    default: '1000',
  }),
})

const environment = z.strictObject({
  enabled: setting(yesOrNo(), {
    environment: [`${ENVIRONMENT}_ENABLED`],
    aliases: [`${OTHER_ENVIRONMENT}_ENABLED`],
    doc: 'Whether environment variables are secrets.',
    example: 'false',
    default: 'true',
  }),
  prefix: optionalSetting(textLike(/^[\w.-]*$/, 'letters, digits, underscores, dots and dashes'), {
    environment: [`${ENVIRONMENT}_PREFIX`],
    aliases: [`${OTHER_ENVIRONMENT}_PREFIX`],
    mayBeEmpty: true,
    doc: "Prefix of the variables that are secrets. An empty one makes all variables secrets, except Quarry's own. Unset: `SECRET_`, and nothing with the line 8.8 (`QUARRY_COMPATIBILITY`).",
    example: 'SECRET_',
  }),
  tenantAware: setting(yesOrNo(), {
    environment: [`${ENVIRONMENT}_TENANTAWARE`],
    aliases: [`${OTHER_ENVIRONMENT}_TENANTAWARE`],
    doc: "Whether the job's tenant id and `_` come before the secret's name in the variable's name.",
    example: 'true',
    default: 'false',
  }),
  processDefinitionAware: setting(yesOrNo(), {
    environment: [`${ENVIRONMENT}_PROCESSDEFINITIONAWARE`],
    aliases: [`${OTHER_ENVIRONMENT}_PROCESSDEFINITIONAWARE`],
    doc: "Whether the job's process id and `_` come before the secret's name, after the tenant.",
    example: 'true',
    default: 'false',
  }),
  physicalTenantAware: setting(yesOrNo(), {
    environment: [`${ENVIRONMENT}_PHYSICALTENANTAWARE`],
    aliases: [`${OTHER_ENVIRONMENT}_PHYSICALTENANTAWARE`],
    doc: 'Whether the physical tenant and `_` come first; it is `default`, as for a cluster without physical tenants.',
    example: 'true',
    default: 'false',
  }),
})

const console = z.strictObject({
  enabled: setting(yesOrNo(), {
    environment: [`${CONSOLE}_ENABLED`],
    aliases: [`${OTHER_CONSOLE}_ENABLED`],
    doc: 'Whether the secrets of a Camunda 8 SaaS cluster are fetched from Console, with the OAuth client of `zeebe.auth`.',
    example: 'true',
    default: 'false',
  }),
  endpoint: setting(url('https', 'http'), {
    environment: [`${CONSOLE}_ENDPOINT`],
    aliases: [`${OTHER_CONSOLE}_ENDPOINT`],
    doc: "Address of Console's secrets.",
    example: 'https://cluster-api.cloud.camunda.io/secrets',
    secret: 'credentials',
    default: 'https://cluster-api.cloud.camunda.io/secrets',
  }),
  audience: setting(text(), {
    environment: [`${CONSOLE}_AUDIENCE`],
    aliases: [`${OTHER_CONSOLE}_AUDIENCE`],
    doc: 'Audience of the OAuth token for Console.',
    example: 'secrets.camunda.io',
    default: 'secrets.camunda.io',
  }),
})

/** Where connector secrets come from, and who may use them. */
export const secretSettings = z.strictObject({
  filter,
  environment,
  directory: optionalSetting(text(), {
    environment: ['QUARRY_SECRETS_DIR'],
    doc: 'Directory with one file for each secret, such as a mounted Kubernetes Secret; read again for each job.',
    example: '/etc/quarry/secrets',
  }),
  tenantDirectories: optionalSetting(yesOrNo(), {
    environment: ['QUARRY_SECRETS_DIR_TENANTAWARE'],
    doc: 'Whether each tenant has its own directory in QUARRY_SECRETS_DIR, named by its id, and gets secrets from no other. Unset: as CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_TENANTAWARE.',
    example: 'true',
  }),
  console,
})

/** What these settings require of others: Console an OAuth client, secrets by tenant ids that keep tenants apart. */
export function checkSecretSettings(
  value: {
    readonly secrets: z.infer<typeof secretSettings>
    readonly zeebe: {
      readonly tenantIds: readonly string[]
      readonly auth: { readonly strategy: string }
    }
  },
  context: z.RefinementCtx,
): void {
  const { secrets, zeebe } = value
  const refuse = (path: string[], message: string, input: unknown) =>
    context.addIssue({ code: 'custom', path: ['secrets', ...path], message, input })
  if (secrets.console.enabled && zeebe.auth.strategy !== 'OAUTH') {
    const message =
      'possible without an OAuth client: set CAMUNDA_OAUTH_URL, ZEEBE_CLIENT_ID and ZEEBE_CLIENT_SECRET'
    refuse(['console', 'enabled'], message, 'true')
  }
  const { environment } = secrets
  const meeting = environment.enabled && environment.tenantAware ? tenantsThatMeet(zeebe.tenantIds) : null
  if (meeting !== null) {
    const [one, other] = meeting
    const message = `possible with the tenants ${one} and ${other}: ${one} could name secrets of ${other}, as the variables of both begin alike. Rename one of them, serve them by processes of their own with an environment of their own, or turn secrets of the environment off (${ENVIRONMENT}_ENABLED=false) and use directories (QUARRY_SECRETS_DIR)`
    refuse(['environment', 'tenantAware'], message, 'true')
  }
  if (secrets.console.enabled && environment.tenantAware && zeebe.tenantIds.length > 1) {
    const message =
      'possible where secrets are those of tenants: Console knows those of the whole cluster, and would give them to each tenant'
    refuse(['console', 'enabled'], message, 'true')
  }
}
