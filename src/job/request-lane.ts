// The lane of a request. Pure. Different names that AWS takes for the same region or model, and counts against one quota, are one lane.
import { type Lane, UNROUTABLE } from './lane.ts'

/** The inputs that decide a job's lane. A null region or model: the job cannot be sent as it is. */
export interface LaneInputs {
  readonly region: string | null
  readonly modelId: string | null
  /** Name of the credential that the diagram gives (`credentialName`); null for the worker's own credentials chain. */
  readonly credential: string | null
}

/** The inputs of a job that cannot be sent as it is. */
export const NOWHERE: LaneInputs = { region: null, modelId: null, credential: null }

/** @param account - from accounts/account.ts; never an access key, because dashboards show it. */
export function requestLane(
  { region, modelId }: Pick<LaneInputs, 'region' | 'modelId'>,
  account: string,
): Lane {
  if (region === null || modelId === null) return UNROUTABLE
  const place = laneRegion(region)
  return { account, region: place, model: laneModel(modelId, place) }
}

/**
 * The region that is called. Host names ignore letter case, and the AWS SDK takes `us-east-1-fips` and the like for their region with
 * another endpoint (`getRealRegion` of @smithy/core).
 */
export function laneRegion(region: string): string {
  const name = region.toLowerCase()
  if (name === 'fips-aws-global' || name === 'aws-fips') return 'us-east-1'
  return /^fips-|-fips$/.test(name) ? name.replace(/fips-(dkr-|prod-)?|-fips/, '') : name
}

const MODEL_ARN = /^arn:aws[a-z0-9-]*:bedrock:([a-z0-9-]+):\d*:(?:foundation-model|inference-profile)\/(.+)$/

/** The ARN of AWS's own model or inference profile in the lane's region names the same model as its id. */
function laneModel(modelId: string, region: string): string {
  const [, of, id] = MODEL_ARN.exec(modelId) ?? []
  return id !== undefined && of === region ? id : modelId
}
