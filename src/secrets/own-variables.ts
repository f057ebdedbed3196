// Environment variables that are Quarry's own and never secrets of a diagram: otherwise whoever can deploy or start a process could have
// them sent to a model. The rule applies to the variable that would be read, whatever prefix leads to it.

// Variables of Quarry, of Camunda's clients and runtimes, of gRPC, Redis, Node, npm and OpenTelemetry.
const FAMILIES = /^(QUARRY|CAMUNDA|ZEEBE|CONNECTORS?|GRPC|REDIS|NODE|NPM|OTEL)(_|$)/
// Variables that the AWS SDK reads. Not all of AWS_: people name secrets AWS_ACCESS_KEY, for example.
const AWS =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|CREDENTIAL_\w+|ACCOUNT_ID|ROLE_\w+|PROFILE|DEFAULT_PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|WEB_IDENTITY_TOKEN_FILE|CONTAINER_\w+|EC2_METADATA_\w+|BEARER_TOKEN_\w+|ENDPOINT_URL\w*|LOGIN_\w+)$/
const PROXIES = /^(HTTPS?|ALL|NO|NO_GRPC)_PROXY$/

/**
 * Makes the rule.
 * @param settings - the environment variables of all settings.
 */
export function makeOwnVariables(settings: readonly string[]): (name: string) => boolean {
  const known = new Set(settings.map((name) => name.toUpperCase()))
  return (name) => {
    const upper = name.toUpperCase()
    return known.has(upper) || FAMILIES.test(upper) || AWS.test(upper) || PROXIES.test(upper)
  }
}
