// The lane of what a job asks for: pure. Names that AWS takes for the same region or the same model, and counts to one quota,
// are one lane.
import { type Lane, UNROUTABLE } from './lane.ts'
import type { Route } from './route.ts'

/** @param account - as accounts/account.ts names it; never an access key, as dashboards show it. */
export function requestLane({ region, modelId }: Pick<Route, 'region' | 'modelId'>, account: string): Lane {
  if (region === null || modelId === null) return UNROUTABLE
  const place = laneRegion(region)
  return { account, region: place, model: laneModel(modelId, place) }
}

/**
 * The region that is called. Host names know no letter case, and the AWS SDK takes `us-east-1-fips` and the like for their region
 * with another endpoint (`getRealRegion` of @smithy/core).
 */
export function laneRegion(region: string): string {
  const name = region.toLowerCase()
  if (name === 'fips-aws-global' || name === 'aws-fips') return 'us-east-1'
  return /^fips-|-fips$/.test(name) ? name.replace(/fips-(dkr-|prod-)?|-fips/, '') : name
}

const MODEL_ARN = /^arn:aws[a-z0-9-]*:bedrock:([a-z0-9-]+):\d*:(?:foundation-model|inference-profile)\/(.+)$/

/** A model or an inference profile of AWS's own, by its ARN of the lane's region, is the one that its id names. */
function laneModel(modelId: string, region: string): string {
  const [, of, id] = MODEL_ARN.exec(modelId) ?? []
  return id !== undefined && of === region ? id : modelId
}
