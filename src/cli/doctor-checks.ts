// The checks of `quarry doctor`: make clients, ask, and have src/doctor word the answers.
import { lineSeal } from '../../workers/connector-line.ts'
import { camundaAccess } from '../../workers/gateway.ts'
import { payloadKeys } from '../../workers/payload-keys.ts'
import { securityNotices } from '../../workers/start-notices.ts'
import { makeBedrockClients } from '../aws/bedrock-clients.ts'
import { callBedrock } from '../aws/call-bedrock.ts'
import { askIdentity } from '../aws/caller-identity.ts'
import { makeGrpcJobPort } from '../camunda/grpc-job-port.ts'
import type { JobPort } from '../camunda/job-port.ts'
import { fault, ok, skipped, type Verdict, warning } from '../doctor/finding.ts'
import { judgeIdentity, judgeModel } from '../doctor/judge-aws.ts'
import { type ClockFacts, judgeClock } from '../doctor/judge-clock.ts'
import { judgeKeys } from '../doctor/judge-keys.ts'
import { judgeLine } from '../doctor/judge-line.ts'
import { judgeMeasures } from '../doctor/judge-redis.ts'
import type { Check } from '../doctor/run-checks.ts'
import { type Line, lineOfGateway } from '../job/line.ts'
import { type AgreedLine, agreedIn, makeLineStore } from '../ledger/stored-line.ts'
import { readKeyHolders } from '../payload/key-register.ts'
import { makePayloadCodec } from '../payload/payload-codec.ts'
import type { RedisClient } from '../redis/connect.ts'
import { makeRedisInspector, RefusedRedisError } from '../redis/inspect-redis.ts'
import { makeKeys } from '../redis/keys.ts'
import { measureRedis } from '../redis/measure-redis.ts'
import { describeRedis } from '../redis/redis-facts.ts'
import { loadLaneRules } from '../settings/lane-rules-file.ts'
import { SettingsError } from '../settings/load-settings.ts'
import type { Settings } from '../settings/settings.ts'
import { BEDROCK_LIMIT_MS, bedrockChecks } from './doctor-bedrock.ts'
import { credentialChecks } from './doctor-credentials.ts'
import { checkFiles } from './read-settings.ts'
import { withRedis } from './redis-session.ts'

export interface Asked {
  readonly settings: Settings
  /** AWS region to ask; undefined when none is known. */
  readonly region: string | undefined
  /** The model to call, if any. */
  readonly model: string | undefined
}

/** STS has an endpoint in each region; this one always exists. */
const ANY_REGION = 'us-east-1'
const MODEL_LIMIT_MS = 60_000
/** The latency of Redis is the median of this many. */
const ROUND_TRIPS = 20

/** The checks that these roles need. Those of Redis and AWS compare the clocks, too. */
export function doctorChecks({ settings, region, model }: Asked): readonly Check[] {
  const has = (role: Settings['roles'][number]): boolean => settings.roles.includes(role)
  const needed: readonly (readonly [boolean, Check])[] = [
    [true, { name: 'files', run: () => files(settings) }],
    [true, { name: 'lanes', run: async () => lanesFile(settings) }],
    [true, { name: 'security', run: async () => security(settings, await lineInForce(settings)) }],
    [has('adapter') || has('bedrock'), { name: 'payloads', run: () => payloads(settings) }],
    [
      true,
      { name: 'redis', run: () => withRedis('doctor', settings, (redis) => redisChecks(redis, settings)) },
    ],
    [has('adapter'), { name: 'zeebe', run: () => zeebe(settings) }],
    [has('adapter') || has('bedrock'), { name: 'connector', run: () => connector(settings) }],
    [has('adapter') || has('bedrock'), { name: 'camunda', run: () => camundaRest(settings) }],
    [
      has('bedrock'),
      { name: 'bedrock', limitMs: BEDROCK_LIMIT_MS, run: () => bedrockChecks(settings, region) },
    ],
    [has('bedrock'), { name: 'aws', run: () => identity(settings, region ?? ANY_REGION) }],
    [has('bedrock'), { name: 'credentials', run: () => credentialChecks(settings, region ?? ANY_REGION) }],
    [
      model !== undefined,
      { name: 'model', limitMs: MODEL_LIMIT_MS, run: () => callModel(settings, region, model) },
    ],
  ]
  return needed.flatMap(([isNeeded, check]) => (isNeeded ? [check] : []))
}

/** No faults: the set-up works, but lets others see or do more than they need. */
function security(settings: Settings, line: Line | null): readonly Verdict[] {
  const verdicts = securityNotices(settings, line).map(({ level, message }) =>
    (level === 'warn' ? warning : ok)(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`),
  )
  if (verdicts.length > 0) return verdicts
  const secrets = line === null ? '' : 'Secrets are filtered. '
  return [ok(`${secrets}Credentials go over TLS or stay on this machine.`)]
}

/** Which line of the connector jobs follow. */
async function connector(settings: Settings): Promise<readonly Verdict[]> {
  const [agreed, gateway] = await Promise.all([agreedLine(settings), gatewayVersion(settings)])
  return judgeLine({ setting: settings.compatibility, agreed, gateway })
}

/** Null if neither Redis nor the gateway tells it: other checks say so. */
async function lineInForce(settings: Settings): Promise<Line | null> {
  if (settings.compatibility !== 'auto') return settings.compatibility
  const agreed = await agreedLine(settings)
  if (agreed !== null) return agreed.line
  const version = await gatewayVersion(settings)
  return version === null ? null : lineOfGateway(version).line
}

async function agreedLine(settings: Settings): Promise<AgreedLine | null> {
  const keys = makeKeys(settings.redis.prefix)
  const { payloadPlaintext: plaintext, payloadOldFormat: oldFormat } = settings
  const options = { installation: settings.redis.prefix, plaintext, oldFormat }
  const seal = lineSeal(makePayloadCodec(payloadKeys(settings), options))
  return withRedis('doctor', settings, async (redis) =>
    agreedIn(await makeLineStore(redis, keys, seal).read()),
  ).catch(() => null)
}

async function gatewayVersion(settings: Settings): Promise<string | null> {
  if (!settings.roles.includes('adapter')) return null
  return withGateway(settings, async (port) => (await port.topology()).gatewayVersion).catch(() => null)
}

async function files(settings: Settings): Promise<readonly Verdict[]> {
  return problemsOf(async () => {
    await checkFiles(settings)
    return [ok('Files and directories that settings name are there.')]
  })
}

async function lanesFile({ lanesFile: path }: Settings): Promise<readonly Verdict[]> {
  if (path === undefined) return [skipped('No file of lane rules is set (QUARRY_LANES_FILE).')]
  return problemsOf(async () => {
    const { quotas, weights, routes, budgets } = loadLaneRules(path).rules
    const counts = `${quotas.length} quotas, ${weights.length} weights, ${routes.length} routes, ${budgets.length} budgets`
    return [ok(`${path} has ${counts}.`)]
  })
}

async function problemsOf(work: () => Promise<readonly Verdict[]>): Promise<readonly Verdict[]> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(fault)
    throw error
  }
}

async function payloads(settings: Settings): Promise<readonly Verdict[]> {
  const own = payloadKeys(settings).map(({ id }) => id)
  const keys = makeKeys(settings.redis.prefix)
  // The check `redis` reports a Redis that is away.
  const holders = await withRedis('doctor', settings, (redis) => readKeyHolders(redis, keys)).catch(() => [])
  return judgeKeys(own, holders)
}

async function redisChecks(
  redis: RedisClient,
  { redis: { clusterNodes, sentinels } }: Settings,
): Promise<readonly Verdict[]> {
  const kind = clusterNodes !== undefined ? 'cluster' : sentinels !== undefined ? 'sentinel' : 'standalone'
  const inspector = makeRedisInspector({ redis, kind, onReport: () => undefined })
  const judged = await inspector.inspect().then(
    (report) => [ok(`${describeRedis(report)}.`), ...report.warnings.map(warning)],
    (error: unknown) => {
      if (error instanceof RefusedRedisError) return [fault(error.message)]
      throw error
    },
  )
  const measures = await measureRedis(redis, ROUND_TRIPS)
  const [farthest] = measures
    .map(({ clock }) => clock)
    .sort((one, other) => Math.abs(other.aheadMs) - Math.abs(one.aheadMs))
  return [
    ...judged,
    ...judgeMeasures(measures),
    ...(farthest === undefined ? [] : [judgeClock({ of: 'Redis', ...farthest })]),
  ]
}

async function zeebe(settings: Settings): Promise<readonly Verdict[]> {
  try {
    const { gatewayVersion, partitionsCount, clusterSize } = await withGateway(settings, (port) =>
      port.topology(),
    )
    const text = `Gateway ${gatewayVersion}, brokers: ${clusterSize}, partitions: ${partitionsCount}.`
    if (partitionsCount > 0) return [ok(text)]
    return [warning(`${text} Without partitions there are no jobs: check the brokers of Zeebe.`)]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [fault(`${reason} The address is that of ZEEBE_GRPC_ADDRESS.`)]
  }
}

async function withGateway<Result>(
  settings: Settings,
  ask: (port: JobPort) => Promise<Result>,
): Promise<Result> {
  const camunda = camundaAccess(settings)
  const port = makeGrpcJobPort(camunda.gateway)
  try {
    return await ask(port)
  } finally {
    await port.close()
    await camunda.close()
  }
}

const REST_USE = 'documents in Camunda, the filter of secrets and `quarry retry` of failed jobs need it'

async function camundaRest(settings: Settings): Promise<readonly Verdict[]> {
  const camunda = camundaAccess(settings)
  const { rest } = camunda
  try {
    if (rest === null)
      return [skipped(`No address of Camunda's REST API is set (ZEEBE_REST_ADDRESS): ${REST_USE}.`)]
    await rest.get('/v2/topology', { timeoutMs: 8_000 })
    return [ok("Camunda's REST API answers.")]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [fault(`${reason} The address is that of ZEEBE_REST_ADDRESS: ${REST_USE}.`)]
  } finally {
    await camunda.close()
  }
}

async function identity({ aws }: Settings, region: string): Promise<readonly Verdict[]> {
  const { clock, ...answer } = await askIdentity(region, aws)
  const hasApiKey = process.env['AWS_BEARER_TOKEN_BEDROCK'] !== undefined
  const facts: readonly ClockFacts[] = clock === null ? [] : [{ of: 'AWS', ...clock }]
  return [judgeIdentity({ ...answer, region, hasApiKey }), ...facts.map(judgeClock)]
}

async function callModel(
  { aws }: Settings,
  region: string | undefined,
  modelId: string | undefined,
): Promise<readonly Verdict[]> {
  if (modelId === undefined || region === undefined) return []
  const timeoutMs = MODEL_LIMIT_MS - 5_000
  const clients = makeBedrockClients({ ...aws, endpoint: aws.bedrockEndpoint })
  const question = {
    messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
    inferenceConfig: { maxTokens: 1 },
  }
  try {
    const result = await callBedrock(
      clients.get(region, { kind: 'chain' }),
      { target: { operation: 'converse', modelId }, body: JSON.stringify(question) },
      { timeoutMs, signal: new AbortController().signal },
    )
    return [judgeModel({ model: modelId, region, failure: result.ok ? null : result.failure })]
  } finally {
    clients.close()
  }
}
