// What the settings, and the line of the connector, mean for secrets: which variables are secrets, who may use them, and what an operator should
// know of it.
import type { Line } from '../src/job/line.ts'
import type { Settings } from '../src/settings/settings.ts'

/** A log line about settings. */
export type Notice = Readonly<{ level: 'info' | 'warn'; message: string }>

/** What an operator should know about the setup of secrets, by the line that is followed. */
export function secretNotices(settings: Settings, line: Line): readonly Notice[] {
  const notices: Notice[] = []
  if (settings.roles.every((role) => role === 'ops')) return notices
  if (settings.secrets.environment.enabled && environmentPrefix(settings, line) === '') {
    const message =
      "every environment variable that is not Quarry's own is a connector secret: set CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_PREFIX"
    notices.push({ level: 'warn', message })
  }
  if (shares(settings)) notices.push({ level: 'warn', message: SHARED })
  const mode = filterMode(settings, line)
  const hasRest = settings.zeebe.restAddress !== undefined
  if (mode === 'DISABLED' || (mode === 'LAX' && !hasRest)) {
    const why =
      mode === 'LAX'
        ? `${FILTER_MODE} is LAX, and the address of the REST API is not set (ZEEBE_REST_ADDRESS)`
        : `${FILTER_MODE} is DISABLED, as it is by default with QUARRY_COMPATIBILITY=8.8`
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
export const NO_REST = `the process defines which secrets a task may use, and it is read from Camunda's REST API. Set ZEEBE_REST_ADDRESS, or ${FILTER_MODE}=DISABLED, with which every task may use every secret`

/**
 * The recorded 8.8 has no filter. Only an operator who names that line gives the filter up: the version of a gateway must not switch off a
 * protection.
 */
export function filterMode({ secrets, compatibility }: Settings, line: Line): 'DISABLED' | 'LAX' | 'STRICT' {
  return secrets.filter.mode ?? (line === '8.8' && compatibility === '8.8' ? 'DISABLED' : 'STRICT')
}

/** Prefix of the variables that are secrets. The recorded 8.8 has none. */
export function environmentPrefix({ secrets }: Settings, line: Line): string {
  return secrets.environment.prefix ?? (line === '8.8' ? '' : 'SECRET_')
}
