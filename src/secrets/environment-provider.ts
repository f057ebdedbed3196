// Secrets from environment variables, named as the connector runtime names them. Never gives out Quarry's own variables.
import { spellings } from '../job/relaxed-names.ts'
import type { SecretProvider, SecretScope } from './secret-provider.ts'

export interface EnvironmentSecrets {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Prefix of every variable's name; '' makes every variable a secret. */
  readonly prefix: string
  readonly physicalTenantAware: boolean
  readonly tenantAware: boolean
  readonly processDefinitionAware: boolean
  /** Variables that are never secrets. */
  readonly isOwn: (name: string) => boolean
}

/** The physical tenant of a cluster without physical tenants, as in the connector runtime. */
const PHYSICAL_TENANT = 'default'

/** Looks up exactly `${prefix}[physicalTenant_][tenantId_][processDefinitionId_]NAME`, without a less specific fallback. */
export function makeEnvironmentProvider(secrets: EnvironmentSecrets): SecretProvider {
  const variableOf = (name: string, { tenantId, bpmnProcessId }: SecretScope): string =>
    secrets.prefix +
    [
      ...(secrets.physicalTenantAware ? [PHYSICAL_TENANT] : []),
      ...(secrets.tenantAware ? [tenantId] : []),
      ...(secrets.processDefinitionAware ? [bpmnProcessId] : []),
      name,
    ].join('_')
  return {
    async get(name, scope) {
      for (const variable of spellings(variableOf(name, scope))) {
        if (secrets.isOwn(variable) || !Object.hasOwn(secrets.environment, variable)) continue
        const value = secrets.environment[variable]
        if (value !== undefined) return value
      }
      return null
    },
  }
}

// Variables of Quarry, of Camunda's clients and runtimes, of gRPC, Redis, Node, npm and OpenTelemetry.
const FAMILIES = /^(QUARRY|CAMUNDA|ZEEBE|CONNECTORS?|GRPC|REDIS|NODE|NPM|OTEL)(_|$)/
// Variables that the AWS SDK reads. Not all of AWS_: people name secrets AWS_ACCESS_KEY, for example.
const AWS =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|CREDENTIAL_\w+|ACCOUNT_ID|ROLE_\w+|PROFILE|DEFAULT_PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|WEB_IDENTITY_TOKEN_FILE|CONTAINER_\w+|EC2_METADATA_\w+|BEARER_TOKEN_\w+|ENDPOINT_URL\w*|LOGIN_\w+)$/
const PROXIES = /^(HTTPS?|ALL|NO|NO_GRPC)_PROXY$/

/**
 * The rule for variables that are Quarry's own and never secrets of a diagram: otherwise whoever can deploy or start a process could have
 * them sent to a model. It applies to the variable that would be read, whatever prefix leads to it.
 * @param settings - the environment variables of all settings.
 */
export function makeOwnVariables(settings: readonly string[]): (name: string) => boolean {
  const known = new Set(settings.map((name) => name.toUpperCase()))
  return (name) => {
    const upper = name.toUpperCase()
    return known.has(upper) || FAMILIES.test(upper) || AWS.test(upper) || PROXIES.test(upper)
  }
}
