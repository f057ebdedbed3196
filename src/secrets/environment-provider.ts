// Secrets from environment variables, named as the connector runtime names them. It never gives out a variable that
// is Quarry's own.
import { spellings } from '../job/relaxed-names.ts'
import type { SecretProvider, SecretScope } from './secret-provider.ts'

export interface EnvironmentSecrets {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** First part of every variable's name; '' makes every variable a secret. */
  readonly prefix: string
  readonly physicalTenantAware: boolean
  readonly tenantAware: boolean
  readonly processDefinitionAware: boolean
  /** Variables that are never a secret. */
  readonly isOwn: (name: string) => boolean
}

/** The physical tenant of a cluster that knows none, as the connector runtime has it. */
const PHYSICAL_TENANT = 'default'

/** Looks up `${prefix}[physicalTenant_][tenantId_][processDefinitionId_]NAME`, and nothing less specific. */
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
