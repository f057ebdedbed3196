// The engine, Redis and Bedrock of the demo, started here or named by the environment.
import { randomUUID } from 'node:crypto'
import {
  type EnginePart,
  type Progress,
  type RedisPart,
  startEngine,
  startIncidentSearches,
  startRedis,
} from '../../../embedded/parts.ts'
import { makeStartedParts } from '../../../embedded/started-parts.ts'
import { type Sim, startSim } from '../../../sim/sim.ts'

/** Requests per minute that the stand-in grants each lane. */
export const GRANTED_PER_MINUTE = 600
/** The quota that Quarry is configured with: a little more than is granted, like one that is out of date. */
export const TOLD_PER_MINUTE = 690

export interface DemoParts {
  readonly engine: EnginePart
  readonly redis: RedisPart
  /** Null when Bedrock is real, or at an address from the environment. */
  readonly sim: Sim | null
  /** The environment that Quarry is started with. */
  readonly env: NodeJS.ProcessEnv
  /** Job type of the connector tasks. */
  readonly jobType: string
  stop(): Promise<void>
}

const STAND_IN_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIAQUARRYDEMO',
  AWS_SECRET_ACCESS_KEY: 'only-for-the-stand-in',
}
/** Of the worker that `--compare` compares with: AWS counts quotas by account, the stand-in by key. */
export const PLAIN_CREDENTIAL = {
  kind: 'static',
  accessKey: 'AKIAQUARRYPLAIN',
  secretKey: 'only-for-the-stand-in',
} as const
const CONNECTOR_TYPE = 'io.camunda:aws-bedrock:1'
// On a shared cluster, other workers must not get the demo's jobs, nor the demo theirs.
const TYPE_ON_A_SHARED_CLUSTER = 'quarry-demo:aws-bedrock:1'

export async function startDemoParts(
  env: NodeJS.ProcessEnv,
  aws: boolean,
  progress: Progress,
): Promise<DemoParts> {
  const { keep, stop } = makeStartedParts()
  try {
    const ownBedrock = !aws && env['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'] === undefined
    const engine = await keep(startEngine({ env, progress }))
    const redis = await keep(startRedis({ env, progress }))
    const sim = ownBedrock ? await keep(startSim(simOptions())) : null
    const restAddress =
      engine.restAddress ?? (engine.records && (await keep(startIncidentSearches(engine.records))).url)
    // The AWS SDK's default credentials chain reads the environment of the process.
    if (sim !== null) Object.assign(process.env, STAND_IN_CREDENTIALS)
    const jobType = engine.origin === 'address' ? TYPE_ON_A_SHARED_CLUSTER : CONNECTOR_TYPE
    const quarry = quarryEnvironment({ env, engine, redis, sim, jobType, restAddress })
    return { engine, redis, sim, jobType, stop, env: quarry }
  } catch (error) {
    await stop()
    throw error
  }
}

function simOptions() {
  const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret } = STAND_IN_CREDENTIALS
  const settings = {
    quotas: [{ requestsPerMinute: GRANTED_PER_MINUTE, burstSeconds: 1 }],
    latency: { kind: 'lognormal' as const, medianMs: 250, sigma: 0.5 },
  }
  const { accessKey, secretKey } = PLAIN_CREDENTIAL
  return { credentials: { [key]: secret, [accessKey]: secretKey }, settings }
}

function quarryEnvironment(parts: {
  env: NodeJS.ProcessEnv
  engine: EnginePart
  redis: RedisPart
  sim: Sim | null
  jobType: string
  restAddress: string | undefined
}): NodeJS.ProcessEnv {
  const { env, engine, redis, sim, jobType, restAddress } = parts
  const bedrock =
    sim === null
      ? {}
      : {
          AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
          AWS_ENDPOINT_URL_STS: sim.tlsUrl,
          AWS_CA_BUNDLE: sim.caFile,
          QUARRY_DEFAULT_RPM: String(TOLD_PER_MINUTE),
        }
  return {
    ...env,
    ...bedrock,
    ZEEBE_GRPC_ADDRESS: engine.grpcAddress,
    ...(restAddress !== undefined && { ZEEBE_REST_ADDRESS: restAddress }),
    REDIS_URL: redis.url,
    QUARRY_REDIS_PREFIX: `quarry-demo-${randomUUID().slice(0, 8)}`,
    QUARRY_PORT: env['QUARRY_PORT'] ?? '0',
    CONNECTOR_AWS_BEDROCK_TYPE: jobType,
    LOG_LEVEL: env['LOG_LEVEL'] ?? 'silent',
  }
}
