// The schema of all settings: place in the file, environment variables, type, default and explanation. Reading,
// `quarry config` and docs/settings.md use it. It reads nothing.
import { z } from 'zod'
import { LINES } from '../job/line.ts'
import { isKnownPassword, KNOWN_PASSWORD } from '../job/published.ts'
import { dashboardSettings } from './dashboard-settings.ts'
import { documentSettings } from './document-settings.ts'
import { fromMilliseconds, fromPresence, fromSpringDuration } from './foreign.ts'
import { proxySettings } from './proxy-settings.ts'
import { lanesFileSetting, quotaSettings, quotasSetting } from './quota-settings.ts'
import { redisSettings } from './redis-settings.ts'
import { checkSecretSettings, secretSettings } from './secret-settings.ts'
import { optionalSetting, setting } from './setting.ts'
import {
  choice,
  duration,
  keys,
  list,
  part,
  text,
  textLike,
  url,
  wholeNumber,
  yesOrNo,
} from './setting-types.ts'
import { checkTracingSettings, tracingSettings } from './tracing-settings.ts'
import { zeebeSettings } from './zeebe-settings.ts'

/** Kinds of connections, as `QUARRY_ALLOW_PLAINTEXT` names them (plain-wires.ts). */
export const WIRES = ['zeebe', 'rest', 'token', 'redis', 'proxy', 'tracing'] as const

const region = () => textLike(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'an AWS region such as us-east-1')

const aws = z.strictObject({
  region: optionalSetting(region(), {
    environment: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    doc: 'Region of AWS calls that name none.',
    example: 'eu-central-1',
  }),
  bedrockEndpoint: optionalSetting(url('https', 'http'), {
    environment: ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'AWS_ENDPOINT_URL'],
    doc: "Endpoint for Bedrock calls instead of the region's, for example a VPC endpoint.",
    example: 'https://vpce-0a1b.bedrock-runtime.us-east-1.vpce.amazonaws.com',
    secret: 'credentials',
  }),
  accounts: setting(choice(['sts', 'keys']), {
    environment: ['QUARRY_AWS_ACCOUNTS'],
    doc: 'How Quarry finds the account of an access key in a diagram. sts asks AWS STS (GetCallerIdentity) once per key, so that all keys of an account share its lanes. keys asks nobody: each key has its own lanes, except those that the lanes file assigns ([lanes](lanes.md#accounts)).',
    example: 'keys',
    default: 'sts',
  }),
  stsEndpoint: optionalSetting(url('https', 'http'), {
    environment: ['AWS_ENDPOINT_URL_STS'],
    doc: "Endpoint of AWS STS instead of the region's, for example a VPC endpoint.",
    example: 'https://vpce-0a1b.sts.us-east-1.vpce.amazonaws.com',
    secret: 'credentials',
  }),
  caBundle: optionalSetting(text(), {
    environment: ['AWS_CA_BUNDLE'],
    doc: 'PEM file of certificate authorities to trust for AWS calls.',
    example: '/etc/quarry/aws-ca.pem',
  }),
  callTimeoutMs: setting(duration(), {
    environment: ['QUARRY_CALL_TIMEOUT'],
    doc: 'Longest time of one Bedrock call.',
    example: 'PT10M',
    default: 'PT10M',
  }),
  streamStallMs: setting(duration(), {
    environment: ['QUARRY_STREAM_STALL'],
    doc: 'Longest time without a byte in the middle of a streamed answer; then the call counts as cut off. Until the first byte only the time of the call is limited.',
    example: 'PT1M',
    default: 'PT2M',
  }),
  maxTaskTimeoutMs: setting(duration(), {
    environment: ['QUARRY_MAX_TASK_TIMEOUT'],
    doc: "Longest time that a task's header `jobTimeout` can set for its call and lease; a longer one is cut to this.",
    example: 'PT30M',
    default: 'P1D',
  }),
  httpVersion: setting(choice(['auto', '1.1', '2']), {
    environment: ['QUARRY_AWS_HTTP_VERSION'],
    doc: 'HTTP version of AWS calls over TLS: auto is HTTP/2 where the server offers it; 1.1 is for proxies and firewalls that break HTTP/2; 2 requires HTTP/2. Without TLS it is HTTP/1.1.',
    example: '1.1',
    default: 'auto',
  }),
  httpsProxy: optionalSetting(text(), {
    environment: ['https_proxy', 'HTTPS_PROXY'],
    doc: 'Proxy for AWS calls to `https:` addresses, through a tunnel (CONNECT). It may include user and password. `quarry doctor` shows whether it is used.',
    example: 'http://proxy.example.com:3128',
    secret: 'credentials',
  }),
  httpProxy: optionalSetting(text(), {
    environment: ['http_proxy', 'HTTP_PROXY'],
    doc: 'Proxy for AWS calls to `http:` addresses, and to `https:` ones without a proxy of their own.',
    example: 'http://proxy.example.com:3128',
    secret: 'credentials',
  }),
  noProxy: optionalSetting(text(), {
    environment: ['no_proxy', 'NO_PROXY'],
    doc: 'Hosts that AWS calls reach without a proxy: domains with their subdomains, addresses, networks, with commas between them; `*` is everything.',
    example: 'localhost,.internal.example.com,10.0.0.0/8',
  }),
})

const schema = z.strictObject({
  zeebe: zeebeSettings,
  saas: setting(yesOrNo(), {
    environment: ['CAMUNDA_CONNECTOR_RUNTIME_SAAS'],
    translate: { CAMUNDA_CONNECTOR_RUNTIME_SAAS: fromPresence },
    doc: 'Whether jobs are kept from using the AWS credentials of this process; any value of the variable means yes.',
    example: 'true',
    default: 'false',
  }),
  jobType: setting(text(), {
    environment: ['CONNECTOR_AWS_BEDROCK_TYPE'],
    doc: 'Job type of the tasks to work on.',
    example: 'io.camunda:aws-bedrock:1',
    default: 'io.camunda:aws-bedrock:1',
  }),
  redis: redisSettings,
  aws,
  server: z.strictObject({
    host: setting(textLike(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address'), {
      environment: ['QUARRY_HOST'],
      doc: 'Listen address of the server for health, metrics and control; 0.0.0.0 in a container.',
      example: '0.0.0.0',
      default: '127.0.0.1',
    }),
    port: setting(wholeNumber({ minimum: 0, maximum: 65_535 }), {
      environment: ['QUARRY_PORT'],
      flag: 'port',
      doc: 'Port of that server; 0 takes any free one.',
      example: '9400',
      default: '9400',
    }),
    healthDetails: setting(choice(['loopback', 'all']), {
      environment: ['QUARRY_HEALTH_DETAILS'],
      doc: 'Who sees at /health why something is not up, with addresses and lanes: loopback (clients on this machine, as by `kubectl port-forward`) or all. Everybody sees what is up.',
      example: 'all',
      default: 'loopback',
    }),
  }),
  dashboard: dashboardSettings,
  roles: setting(list(choice(['adapter', 'bedrock', 'ops']), { minimum: 1 }), {
    environment: ['QUARRY_ROLES'],
    flag: 'roles',
    doc: 'What this process does: adapter talks to Zeebe, bedrock calls the models, ops serves metrics and control.',
    example: 'adapter,ops',
    default: 'adapter,bedrock,ops',
  }),
  regions: optionalSetting(list(region(), { minimum: 1 }), {
    environment: ['QUARRY_REGIONS'],
    flag: 'regions',
    doc: 'AWS regions whose lanes this process works on; unset: all.',
    example: 'us-east-1,eu-central-1',
  }),
  leaseMs: setting(duration(), {
    environment: ['QUARRY_LEASE', 'CONNECTOR_AWS_BEDROCK_TIMEOUT', 'CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT'],
    translate: {
      CONNECTOR_AWS_BEDROCK_TIMEOUT: fromMilliseconds,
      CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT: fromSpringDuration,
    },
    doc: "Zeebe's job timeout, which adapters extend. A job lost with Redis comes back after this time. The connector runtime's names take its values: milliseconds, or a duration of Spring.",
    example: 'PT5M',
    default: 'PT5M',
  }),
  maxWaitMs: setting(duration(), {
    environment: ['QUARRY_MAX_WAIT'],
    doc: 'Longest time a job may wait after throttles, for its turn or for the end of an outage; then it fails. A task can shorten it by its header quarry.maxWait. A quota per day needs more than a day.',
    example: 'PT1H',
    default: 'PT1H',
  }),
  jobHistoryMs: setting(duration(), {
    environment: ['QUARRY_JOB_HISTORY'],
    doc: 'How long after its end Quarry keeps what `quarry jobs` and the dashboard show of a job: outcome, error, calls, process, element and instance. At the least two leases. It takes about 0.5 KB of Redis for each job, up to 5 KB for a failure.',
    example: 'PT24H',
    default: 'PT1H',
  }),
  readTimeoutMs: setting(duration(), {
    environment: ['QUARRY_READ_TIMEOUT'],
    doc: 'Longest time to read all documents and secrets of one job before its call; then the job fails. What is left of QUARRY_MAX_WAIT is a bound, too.',
    example: 'PT2M',
    default: 'PT2M',
  }),
  onOutage: setting(choice(['wait', 'fail']), {
    environment: ['QUARRY_ON_OUTAGE'],
    doc: 'What happens to a job whose call AWS certainly did not execute: no connection, no credentials, 503, a model that is not loaded. wait: the call does not count as a send, and the lane tries one call now and then, for up to QUARRY_MAX_WAIT. fail: it counts, and without credentials the job fails, as with the stock connector.',
    example: 'fail',
    default: 'wait',
  }),
  requestMetadata: setting(choice(['auto', 'always', 'never']), {
    environment: ['QUARRY_REQUEST_METADATA'],
    doc: 'Whether calls carry the process, process instance, element, tenant and job as request metadata, which AWS writes into its logs of invocations. auto: those of Converse tasks with inputs that the stock connector has not, and all of InvokeModel, where it is a header; so the body of a stock task stays as it is.',
    example: 'always',
    default: 'auto',
  }),
  maxSends: setting(wholeNumber({ minimum: 1, maximum: 100 }), {
    environment: ['QUARRY_MAX_SENDS'],
    doc: 'Sends of a call before a transient error fails its job, by default as many as the stock connector makes. Throttles, and calls that AWS did not execute, do not count.',
    example: '2',
    default: '4',
  }),
  lanesFile: lanesFileSetting,
  quota: quotaSettings,
  quotas: quotasSetting,
  compatibility: setting(choice(['auto', ...LINES]), {
    environment: ['QUARRY_COMPATIBILITY'],
    doc: 'Line of the connector runtime to follow where the lines differ ([compatibility](compatibility.md#the-line)). auto takes that of the gateway when an installation starts for the first time, and keeps it.',
    example: '8.9',
    default: 'auto',
  }),
  templateV1: setting(yesOrNo(), {
    environment: ['QUARRY_TEMPLATE_V1'],
    doc: 'Whether Converse tasks of element template version 1, made for Camunda 8.6, work as they did there.',
    example: 'true',
    default: 'false',
  }),
  maxBacklog: setting(wholeNumber({ minimum: 1, maximum: 1_000_000 }), {
    environment: ['QUARRY_MAX_BACKLOG'],
    doc: 'Most jobs held in Redis, running ones included, of all adapters together; further jobs wait in Zeebe.',
    example: '10000',
    default: '10000',
  }),
  maxBacklogBytes: setting(wholeNumber({ minimum: 1_024 }), {
    environment: ['QUARRY_MAX_BACKLOG_BYTES'],
    doc: 'Most bytes of jobs and unreported outcomes in Redis, before compression, of all adapters together; further jobs wait in Zeebe.',
    example: '536870912',
    default: String(512 * 1024 * 1024),
  }),
  maxLaneBacklog: optionalSetting(wholeNumber({ minimum: 1, maximum: 1_000_000 }), {
    environment: ['QUARRY_MAX_LANE_BACKLOG'],
    doc: 'Most jobs of one lane in Redis, so that a stuck lane leaves room for others; further jobs go back to Zeebe until there is room. Proportionally fewer while other lanes hold jobs. Unset: half of QUARRY_MAX_BACKLOG.',
    example: '1000',
  }),
  maxTenantShare: setting(part(), {
    environment: ['QUARRY_MAX_TENANT_SHARE'],
    doc: 'Share of QUARRY_MAX_BACKLOG, and of a lane, that the jobs of one tenant may take while no other tenant has any; proportionally less while others have. 1 sets no bound. Used when CAMUNDA_TENANT_ID names several tenants.',
    example: '0.5',
    default: '0.5',
  }),
  maxLanes: setting(wholeNumber({ minimum: 1, maximum: 100_000 }), {
    environment: ['QUARRY_MAX_LANES'],
    doc: 'Most lanes at a time: combinations of account, region and model that jobs name. Jobs of further lanes wait in Zeebe. When more than half of the lanes are in use, an empty lane that was not used for a minute makes room.',
    example: '500',
    default: '500',
  }),
  laneConcurrency: optionalSetting(wholeNumber({ minimum: 1, maximum: 10_000 }), {
    environment: ['QUARRY_LANE_CONCURRENCY'],
    doc: 'Calls in flight for each lane and worker process. Unset: as many as the pace of the lane allows and the memory of the process has room for.',
    example: '100',
  }),
  maxStarts: setting(wholeNumber({ minimum: 1, maximum: 1000 }), {
    environment: ['QUARRY_MAX_STARTS'],
    doc: 'Number of workers that may die while they run a job, before it fails with an incident.',
    example: '10',
    default: '10',
  }),
  shutdownGraceMs: setting(duration(), {
    environment: ['QUARRY_SHUTDOWN_GRACE'],
    doc: 'Time that running calls get to finish when the process is asked to stop.',
    example: 'PT25S',
    default: 'PT25S',
  }),
  payloadKey: optionalSetting(keys(), {
    environment: ['QUARRY_PAYLOAD_KEY'],
    doc: 'Key that encrypts job payloads in Redis: 32 bytes in base64, the same in every process. Of several, with commas between them, the first encrypts and all decrypt.',
    example: '"$(openssl rand -base64 32)"',
    secret: 'whole',
  }),
  feel: z.strictObject({
    timeoutMs: setting(duration(), {
      environment: ['QUARRY_FEEL_TIMEOUT'],
      doc: 'Longest time to evaluate one result or error expression; one that takes longer fails its job.',
      example: 'PT2S',
      default: 'PT2S',
    }),
    memoryMb: setting(wholeNumber({ minimum: 32, maximum: 16_384 }), {
      environment: ['QUARRY_FEEL_MEMORY_MB'],
      doc: 'Most memory to evaluate one expression, in MB; one that takes more fails its job. A worker evaluates two to four at a time, by its processors.',
      example: '256',
      default: '256',
    }),
  }),
  payloadKeyFile: optionalSetting(text(), {
    environment: ['QUARRY_PAYLOAD_KEY_FILE'],
    doc: 'File with such keys instead, one per line; empty lines and lines that begin with # are ignored. Read at start, and again while there are payloads under a key that is not in it.',
    example: '/etc/quarry/payload-keys',
  }),
  payloadPlaintext: setting(choice(['refuse', 'accept']), {
    environment: ['QUARRY_PAYLOAD_PLAINTEXT'],
    doc: 'Whether unencrypted jobs and outcomes in Redis are read when there is a payload key. accept is for the time after the first key was set, until no older job waits (docs/operations.md). Refused ones are set aside and reported.',
    example: 'accept',
    default: 'refuse',
  }),
  payloadOldFormat: setting(choice(['write', 'read', 'refuse']), {
    environment: ['QUARRY_PAYLOAD_OLD_FORMAT'],
    doc: 'What to do with the older encrypted format, in which payloads were not bound to their purpose: write it while versions run that know no other, read what these have left, or refuse it (docs/operations.md).',
    example: 'refuse',
    default: 'read',
  }),
  allowPlaintext: setting(list(choice(WIRES)), {
    environment: ['QUARRY_ALLOW_PLAINTEXT'],
    doc: 'Connections over which credentials may go unencrypted to other machines without a warning, as within a cluster whose network encrypts: zeebe (gRPC), rest, token (where OAuth tokens are fetched), redis, proxy, tracing.',
    example: 'zeebe,rest',
    default: '',
  }),
  secrets: secretSettings,
  documents: documentSettings,
  documentProxy: proxySettings,
  endpointAllow: setting(list(url('https', 'http')), {
    environment: ['QUARRY_ENDPOINT_ALLOW'],
    doc: 'Bedrock endpoints that a diagram may use.',
    example: 'https://vpce-0a1b.bedrock-runtime.us-east-1.vpce.amazonaws.com',
    secret: 'credentials',
    default: '',
  }),
  log: z.strictObject({
    level: setting(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), {
      environment: ['LOG_LEVEL'],
      doc: 'Lowest level of log lines to write.',
      example: 'debug',
      default: 'info',
    }),
    format: setting(choice(['json', 'pretty', 'auto']), {
      environment: ['QUARRY_LOG_FORMAT'],
      doc: 'json for machines, pretty for people, auto: pretty on a terminal.',
      example: 'json',
      default: 'auto',
    }),
  }),
  tracing: tracingSettings,
})

/** The schema of all settings. A key that ends in `Ms` is written without it in the file: `lease: PT5M`. */
export const settingsSchema = schema.superRefine(checkSecretSettings).superRefine((value, context) => {
  checkPasswords(value, context)
  checkTracingSettings(value, context)
  if (value.payloadKey === undefined || value.payloadKeyFile === undefined) return
  const message = 'possible together with QUARRY_PAYLOAD_KEY: put all keys into the one or the other'
  context.addIssue({ code: 'custom', path: ['payloadKeyFile'], message, input: value.payloadKeyFile })
})

function checkPasswords({ redis, zeebe: { auth } }: z.infer<typeof schema>, context: z.RefinementCtx): void {
  const passwords: readonly (readonly [string[], string | undefined])[] = [
    [['redis', 'url'], URL.parse(redis.url)?.password],
    [['redis', 'password'], redis.password],
    [['redis', 'sentinelPassword'], redis.sentinelPassword],
    [['zeebe', 'auth', 'clientSecret'], auth.clientSecret],
    [['zeebe', 'auth', 'password'], auth.password],
    [['zeebe', 'auth', 'token'], auth.token],
  ]
  for (const [path, input] of passwords) {
    if (input === undefined || !isKnownPassword(input)) continue
    const message = `possible with a password or secret that is ${KNOWN_PASSWORD}: choose your own`
    context.addIssue({ code: 'custom', path, message, input: path[1] === 'url' ? redis.url : input })
  }
}

/** The settings of one process: plain data, durations in ms. Unset optional settings are absent. */
export type Settings = DeepReadonly<z.infer<typeof settingsSchema>>

type DeepReadonly<Value> = Value extends string | number | boolean | undefined
  ? Value
  : { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
