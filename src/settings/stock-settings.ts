// Settings of the stock connector runtime that Quarry does not read: those whose absence changes nothing here, and those of which somebody who
// moves over must know. docs/compatibility.md lists the same. Pure data.
// Source: the configuration pages of the connector runtime and of the Camunda Spring Boot starter.

/** Without effect in Quarry, and no loss. */
export const NOT_NEEDED = new RegExp(
  `^(${[
    'CONNECTOR_(OUTBOUND|INBOUND)_(DISABLED|ENABLED|DISCOVERY_?DISABLED)',
    'CONNECTOR_[A-Z0-9_]+_(FUNCTION|TYPE|INPUT_?VARIABLES|TIMEOUT)',
    'CAMUNDA_CONNECTOR_(POLLING|WEBHOOK|INBOUND|AGENTIC_?AI|VIRTUAL_?THREADS|HEADER_?ENCODING|PROCESS_?DEFINITION.*)_.*',
    'CAMUNDA_CONNECTOR_SECRETS?_?(PROVIDER_)?CACHE_.*',
    'CAMUNDA_CLIENT_(ENABLED|MESSAGE_?TIME_?TO_?LIVE|MAX_?MESSAGE_?SIZE|MAX_?METADATA_?SIZE)',
    'CAMUNDA_CLIENT_(KEEP_?ALIVE|PREFER_?REST_?OVER_?GRPC|REQUEST_?TIMEOUT(_?OFFSET)?|MAX_?HTTP_?CONNECTIONS)',
    'CAMUNDA_CLIENT_(USE_?CLIENT_?SIDE_?LOAD_?BALANCING|(DEPLOYMENT|CLUSTER_?VARIABLES|IDENTITY)_.*|ZEEBE_.*)',
    'CAMUNDA_CLIENT_AUTH_(CREDENTIALS_?CACHE_?PATH|CONNECT_?TIMEOUT|READ_?TIMEOUT|PROACTIVE.*|TOKEN_?FETCH.*)',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_(POLL_?INTERVAL|STREAM_?(ENABLED|TIMEOUT)|REQUEST_?TIMEOUT)',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_(AUTO_?COMPLETE|(FORCE_)?FETCH_?(ALL_?)?VARIABLES.*|ENABLED|NAME|TYPE)',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_(MAX_?RETRIES|RETRY_?BACKOFF)',
  ].join('|')})$`,
)

/** A setting that does something in the stock runtime, and nothing or something else in Quarry. */
export interface DifferentSetting {
  readonly names: RegExp
  /** The values that differ. @default all */
  readonly values?: RegExp
  /** What to do instead; follows the name of the variable. */
  readonly say: string
}

const CALLS =
  'it limits how many calls the stock runtime makes at a time. Quarry paces calls by the quota of each lane; set QUARRY_LANE_CONCURRENCY to limit those in flight, and QUARRY_MAX_BACKLOG for the jobs that it holds.'
const SPRING =
  'Quarry reads no configuration of Spring: write each setting as a variable of its own (docs/settings.md).'
const SENDS =
  'Quarry repeats calls by its own rules, so that each takes a turn in its lane: QUARRY_MAX_SENDS limits them.'
const HOSTS =
  'Quarry does not read it: external documents come from public addresses only, and from the hosts in QUARRY_DOCUMENT_ALLOW_HOSTS.'
const TRUST =
  'Java key stores are not read. Give PEM files: CAMUNDA_CUSTOM_ROOT_CERT_PATH for Camunda, AWS_CA_BUNDLE for AWS, NODE_EXTRA_CA_CERTS for documents.'

/** The first that fits counts. They win over {@link NOT_NEEDED}. */
export const DIFFERENT: readonly DifferentSetting[] = [
  {
    names: /^CONNECTOR_(?!AWS_BEDROCK_)[A-Z0-9_]+_FUNCTION$/,
    values: /\.aws\.bedrock\./,
    say: 'the stock runtime serves a further job type by the Bedrock connector. Quarry serves one: name it in CONNECTOR_AWS_BEDROCK_TYPE, or start another Quarry for it, with a QUARRY_REDIS_PREFIX of its own.',
  },
  {
    names: /^CONNECTOR_HTTP_CLIENT_MAX_BODY_SIZE$/,
    say: 'Quarry does not read it: set QUARRY_DOCUMENT_MAX_BYTES.',
  },
  { names: /^CAMUNDA_CONNECTOR_VALIDATION_HOSTS_/, say: HOSTS },
  {
    names: /^CAMUNDA_CONNECTOR_SECRET_?RESOLVER_LEGACY_MODE$/,
    values: /^FALLBACK$/i,
    say: 'Quarry does not look references such as {{secrets.NAME}} up in the store of the cluster: give the secret to Quarry as well, or write camunda.secrets.NAME in the diagram.',
  },
  {
    names: /^CAMUNDA_CONNECTOR_SECRET_?RESOLVER_LEGACY_MODE$/,
    values: /^OFF$/i,
    say: 'Quarry resolves references such as {{secrets.NAME}} all the same: set CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_ENABLED=false, so that there are no such secrets.',
  },
  { names: /^CAMUNDA_CONNECTOR_SECRET_?RESOLVER_LEGACY_MODE$/, values: /^ON$/i, say: '' },
  {
    names: /^CAMUNDA_CONNECTOR_SECRET_?PROVIDER_DISCOVERY_ENABLED$/,
    values: /^(true|on|yes|1)$/i,
    say: 'Quarry loads no secret providers written in Java: give secrets as variables, or as files in QUARRY_SECRETS_DIR.',
  },
  { names: /^CAMUNDA_CONNECTOR_SECRET_?PROVIDER_DISCOVERY_ENABLED$/, say: '' },
  {
    names:
      /^(CAMUNDA_CLIENT_WORKER_DEFAULTS|CAMUNDA_CLIENT_ZEEBE_DEFAULTS|ZEEBE_CLIENT_WORKER)_MAX_?JOBS_?ACTIVE$/,
    say: CALLS,
  },
  {
    names:
      /^(CAMUNDA_CLIENT_(ZEEBE_)?EXECUTION_?THREADS|ZEEBE_CLIENT_WORKER_THREADS|ZEEBE_CLIENT_JOB_WORKER_EXECUTION_?THREADS)$/,
    say: CALLS,
  },
  {
    names: /^CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANT_?FILTER(_?TYPE)?$/,
    values: /^ASSIGNED$/i,
    say: 'Quarry takes the jobs of the tenants that it is given by name: list them in CAMUNDA_TENANT_ID.',
  },
  { names: /^CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANT_?FILTER(_?TYPE)?$/, say: '' },
  {
    names: /^CAMUNDA_CLIENT_(WORKER|ZEEBE)_OVERRIDE_/,
    say: 'Quarry does not read settings of single workers: set CONNECTOR_AWS_BEDROCK_TIMEOUT for the lease and CAMUNDA_TENANT_ID for the tenants.',
  },
  {
    names: /^CAMUNDA_CLIENT_AUTH_(KEY|TRUST)STORE_?/,
    say: 'Java key stores are not read: give PEM files with CAMUNDA_CUSTOM_ROOT_CERT_PATH, CAMUNDA_CUSTOM_CERT_CHAIN_PATH and CAMUNDA_CUSTOM_PRIVATE_KEY_PATH.',
  },
  {
    names: /^CAMUNDA_CLIENT_AUTH_CLIENT_?ASSERTION_/,
    say: 'client assertions are not supported: give a client secret, or a client certificate in PEM files.',
  },
  { names: /^JAVAX_NET_SSL_(KEY|TRUST)STORE/, say: TRUST },
  {
    names: /^(JAVA_TOOL_OPTIONS|JAVA_OPTS|JDK_JAVA_OPTIONS)$/,
    values: /-D(https?\.(proxy|nonProxy)|javax\.net\.ssl\.|camunda\.|zeebe\.)/,
    say: "Java's system properties are not read: set HTTPS_PROXY and NO_PROXY, PEM files, and variables (docs/settings.md).",
  },
  {
    names: /^SPRING_(APPLICATION_JSON|CONFIG_(IMPORT|LOCATION|ADDITIONAL_?LOCATION)|PROFILES_ACTIVE)$/,
    say: SPRING,
  },
  {
    names: /^(MANAGEMENT_SERVER_PORT|MANAGEMENT_ENDPOINTS_WEB_BASE_?PATH)$/,
    say: 'Quarry serves health and metrics at QUARRY_PORT, under /actuator too.',
  },
  { names: /^LOGGING_LEVEL_(ROOT|IO_CAMUNDA)/, say: 'Quarry does not read it: set LOG_LEVEL.' },
  { names: /^AWS_(RETRY_MODE|MAX_ATTEMPTS)$/, say: SENDS },
]

/** Variables of these families that nothing reads and that are not listed above are named, too. */
export const FAMILIES =
  /^(CAMUNDA_CLIENT_|CAMUNDA_CONNECTOR_|CONNECTOR_AWS_BEDROCK_|CONNECTOR_HTTPS?_PROXY_|CONNECTOR_OUTBOUND_)/
