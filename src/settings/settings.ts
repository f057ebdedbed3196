// Every setting of Quarry, once: its place in the file, its environment variables, type, default and explanation.
// Reading, `quarry config` and docs/settings.md are made from this schema. It decides nothing and reads nothing.
import { z } from 'zod'
import { isKnownPassword, KNOWN_PASSWORD } from '../job/published.ts'
import { dashboardSettings } from './dashboard-settings.ts'
import { documentSettings } from './document-settings.ts'
import { fromMilliseconds, fromPresence, fromSpringDuration } from './foreign-values.ts'
import { WIRES } from './plain-wires.ts'
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
import { templateV1 } from './template-settings.ts'
import { checkTracingSettings, tracingSettings } from './tracing-settings.ts'
import { zeebeSettings } from './zeebe-settings.ts'

const region = () => textLike(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'an AWS region such as us-east-1')

const aws = z.strictObject({
  region: optionalSetting(region(), {
    environment: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    doc: 'Region of AWS calls that name none themselves.',
    example: 'eu-central-1',
  }),
  bedrockEndpoint: optionalSetting(url('https', 'http'), {
    environment: ['AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'AWS_ENDPOINT_URL'],
    doc: 'Address that Bedrock calls go to instead of the one of the region, for example a VPC endpoint.',
    example: 'https://vpce-0a1b.bedrock-runtime.us-east-1.vpce.amazonaws.com',
    secret: 'credentials',
  }),
  accounts: setting(choice(['sts', 'keys']), {
    environment: ['QUARRY_AWS_ACCOUNTS'],
    doc: 'How the account of an access key that a diagram names is found: sts asks AWS STS (GetCallerIdentity) once for each, so that all keys of an account share its lanes; keys does not, and gives each key lanes of its own, but for those that the lanes file lists ([lanes](lanes.md#accounts)).',
    example: 'keys',
    default: 'sts',
  }),
  stsEndpoint: optionalSetting(url('https', 'http'), {
    environment: ['AWS_ENDPOINT_URL_STS'],
    doc: 'Address that AWS STS is asked at instead of the one of the region, for example a VPC endpoint.',
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
    doc: 'Longest time one Bedrock call may take.',
    example: 'PT10M',
    default: 'PT10M',
  }),
  maxTaskTimeoutMs: setting(duration(), {
    environment: ['QUARRY_MAX_TASK_TIMEOUT'],
    doc: "Longest time that a task's own header `jobTimeout` may give its call and its lease; one that asks for more gets this.",
    example: 'PT30M',
    default: 'P1D',
  }),
  httpVersion: setting(choice(['auto', '1.1', '2']), {
    environment: ['QUARRY_AWS_HTTP_VERSION'],
    doc: 'HTTP for AWS calls over TLS: auto is HTTP/2 where the other side offers it, 1.1 keeps to HTTP/1.1, for what breaks HTTP/2 on the way, 2 takes nothing less. Without TLS it is HTTP/1.1.',
    example: '1.1',
    default: 'auto',
  }),
  httpsProxy: optionalSetting(text(), {
    environment: ['https_proxy', 'HTTPS_PROXY'],
    doc: 'Proxy for AWS calls to `https:` addresses, through a tunnel (CONNECT); user and password may stand in it. `quarry doctor` shows which way is taken.',
    example: 'http://proxy.example.com:3128',
    secret: 'credentials',
  }),
  httpProxy: optionalSetting(text(), {
    environment: ['http_proxy', 'HTTP_PROXY'],
    doc: 'Proxy for AWS calls to `http:` addresses, and to `https:` ones where there is no other for those.',
    example: 'http://proxy.example.com:3128',
    secret: 'credentials',
  }),
  noProxy: optionalSetting(text(), {
    environment: ['no_proxy', 'NO_PROXY'],
    doc: 'What AWS calls reach without a proxy: names with all that is below them, addresses, networks, with commas between them; `*` is everything.',
    example: 'localhost,.internal.example.com,10.0.0.0/8',
  }),
})

const schema = z.strictObject({
  zeebe: zeebeSettings,
  saas: setting(yesOrNo(), {
    environment: ['CAMUNDA_CONNECTOR_RUNTIME_SAAS'],
    translate: { CAMUNDA_CONNECTOR_RUNTIME_SAAS: fromPresence },
    doc: 'Whether jobs may not use the AWS credentials of this process; the variable says yes whatever its value.',
    example: 'true',
    default: 'false',
  }),
  jobType: setting(text(), {
    environment: ['CONNECTOR_AWS_BEDROCK_TYPE'],
    doc: 'Job type of the service tasks to work on.',
    example: 'io.camunda:aws-bedrock:1',
    default: 'io.camunda:aws-bedrock:1',
  }),
  redis: redisSettings,
  aws,
  server: z.strictObject({
    host: setting(textLike(/^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address'), {
      environment: ['QUARRY_HOST'],
      doc: 'Address the server for health, metrics and control listens on; 0.0.0.0 in a container.',
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
      doc: 'Who is told at /health why something is not up, with addresses and lanes: loopback (who asks from this machine, as by `kubectl port-forward`) or all. What is up is told to everybody.',
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
    doc: "How long a job stays ours in Zeebe without being extended (Zeebe's job timeout); a job lost with Redis comes back after this time. The connector runtime's names are read as it does: milliseconds, or a duration of Spring.",
    example: 'PT5M',
    default: 'PT5M',
  }),
  maxWaitMs: setting(duration(), {
    environment: ['QUARRY_MAX_WAIT'],
    doc: 'Longest time a job may be throttled, wait for its turn or for the end of an outage; then it fails. A task shortens it by its header quarry.maxWait. A quota per day asks for more than a day.',
    example: 'PT1H',
    default: 'PT1H',
  }),
  readTimeoutMs: setting(duration(), {
    environment: ['QUARRY_READ_TIMEOUT'],
    doc: 'Longest time that the documents and secrets of one job may take to be read before its call, all together; then the job fails. What is left of QUARRY_MAX_WAIT bounds it, too.',
    example: 'PT2M',
    default: 'PT2M',
  }),
  onOutage: setting(choice(['wait', 'fail']), {
    environment: ['QUARRY_ON_OUTAGE'],
    doc: 'What becomes of a call that AWS certainly did not execute: no connection, no credentials, 503, a model that is not loaded. wait: it counts as no send, and its lane tries one call now and then, for up to QUARRY_MAX_WAIT. fail: it counts as one, and without credentials the job fails, as with the stock connector.',
    example: 'fail',
    default: 'wait',
  }),
  maxSends: setting(wholeNumber({ minimum: 1, maximum: 100 }), {
    environment: ['QUARRY_MAX_SENDS'],
    doc: 'Sends of a call before a transient error fails its job, as many as the stock connector makes; throttles and what AWS did not execute do not count.',
    example: '2',
    default: '4',
  }),
  lanesFile: lanesFileSetting,
  quota: quotaSettings,
  quotas: quotasSetting,
  compatibility: setting(choice(['8.8', '8.9', '8.10']), {
    environment: ['QUARRY_COMPATIBILITY'],
    doc: 'Line of the connector runtime whose behaviour is kept where the lines differ.',
    example: '8.9',
    default: '8.9',
  }),
  templateV1,
  maxBacklog: setting(wholeNumber({ minimum: 1, maximum: 1_000_000 }), {
    environment: ['QUARRY_MAX_BACKLOG'],
    doc: 'Jobs held in Redis, all adapters together; above it jobs wait in Zeebe.',
    example: '2000',
    default: '2000',
  }),
  maxBacklogBytes: setting(wholeNumber({ minimum: 1_024 }), {
    environment: ['QUARRY_MAX_BACKLOG_BYTES'],
    doc: 'Size of the jobs held and the outcomes waiting in Redis, before the compression of jobs, all adapters together; above it jobs wait in Zeebe.',
    example: '536870912',
    default: String(512 * 1024 * 1024),
  }),
  maxLaneBacklog: optionalSetting(wholeNumber({ minimum: 1, maximum: 1_000_000 }), {
    environment: ['QUARRY_MAX_LANE_BACKLOG'],
    doc: 'Jobs of one lane held in Redis, so that a lane that is stuck leaves room for others: above it, its jobs go back to Zeebe until there is room. In proportion fewer while other lanes hold jobs. Unset: half of QUARRY_MAX_BACKLOG.',
    example: '1000',
  }),
  maxTenantShare: setting(part(), {
    environment: ['QUARRY_MAX_TENANT_SHARE'],
    doc: 'Part of QUARRY_MAX_BACKLOG that the jobs of one tenant may hold, and part of a lane, while no other tenant holds any; in proportion less while others do. 1 sets no bound. Used where CAMUNDA_TENANT_ID names several tenants.',
    example: '0.5',
    default: '0.5',
  }),
  maxLanes: setting(wholeNumber({ minimum: 1, maximum: 100_000 }), {
    environment: ['QUARRY_MAX_LANES'],
    doc: 'Lanes that there may be at a time: combinations of account, region and model that jobs name. Jobs of others wait in Zeebe for a place; a lane that is empty and was not used for a minute gives its place up when more than half are taken. Each lane takes a connection to Redis of each worker.',
    example: '500',
    default: '500',
  }),
  laneConcurrency: setting(wholeNumber({ minimum: 1, maximum: 10_000 }), {
    environment: ['QUARRY_LANE_CONCURRENCY'],
    doc: 'Calls in flight for each lane and worker process.',
    example: '100',
    default: '100',
  }),
  maxStarts: setting(wholeNumber({ minimum: 1, maximum: 1000 }), {
    environment: ['QUARRY_MAX_STARTS'],
    doc: 'Starts of a job that ended with a dead worker before it is failed with an incident.',
    example: '10',
    default: '10',
  }),
  shutdownGraceMs: setting(duration(), {
    environment: ['QUARRY_SHUTDOWN_GRACE'],
    doc: 'Time that work in flight gets to finish when the process is asked to stop.',
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
      doc: 'Longest time that evaluating one result or error expression may take; one that takes longer fails its job.',
      example: 'PT2S',
      default: 'PT2S',
    }),
    memoryMb: setting(wholeNumber({ minimum: 32, maximum: 16_384 }), {
      environment: ['QUARRY_FEEL_MEMORY_MB'],
      doc: 'Memory, in MB, that evaluating one expression may take; one that takes more fails its job. A worker evaluates as many at a time as it has processors, from two to four.',
      example: '256',
      default: '256',
    }),
  }),
  payloadKeyFile: optionalSetting(text(), {
    environment: ['QUARRY_PAYLOAD_KEY_FILE'],
    doc: 'File with such keys instead, one a line; empty lines and those that begin with # are left out. Read at start, and again while payloads are met under a key that is not in it.',
    example: '/etc/quarry/payload-keys',
  }),
  payloadPlaintext: setting(choice(['refuse', 'accept']), {
    environment: ['QUARRY_PAYLOAD_PLAINTEXT'],
    doc: 'Whether a job or an outcome that lies unencrypted in Redis is taken while there is a payload key: accept is for the time after the first key was set, until nothing of before waits (docs/operations.md). What is refused is set aside, and told.',
    example: 'accept',
    default: 'refuse',
  }),
  payloadOldFormat: setting(choice(['write', 'read', 'refuse']), {
    environment: ['QUARRY_PAYLOAD_OLD_FORMAT'],
    doc: 'What becomes of the form in which payloads were encrypted before they were bound to their purpose: write is for the time in which versions run that know no other, read takes what they left, refuse takes it no more (docs/operations.md).',
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
    doc: 'Bedrock endpoints that a diagram may name itself.',
    example: 'https://vpce-0a1b.bedrock-runtime.us-east-1.vpce.amazonaws.com',
    secret: 'credentials',
    default: '',
  }),
  log: z.strictObject({
    level: setting(choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), {
      environment: ['LOG_LEVEL'],
      doc: 'Least severe log lines to write.',
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
