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
