// Words whether Bedrock can be reached the way that calls go. Pure. No model is called.
import type { BedrockProbe } from '../aws/probe-bedrock.ts'
import { fault, ok, skipped, type Verdict, warning } from './finding.ts'

/** The result of one probe. */
export type BedrockReach = Omit<BedrockProbe, 'failure'> & {
  readonly failure: { readonly message: string } | null
}

/** The form of an AWS region. A diagram may name a lane's region by any text. */
const REGION = /^[a-z0-9]+(-[a-z0-9]+){2,}$/
/** All are probed at the same time. */
const MOST_REGIONS = 20

interface RegionFacts {
  /** QUARRY_REGIONS: this process serves no others. */
  readonly served: readonly string[] | undefined
  /** From --region, or AWS_REGION. */
  readonly named: string | undefined
  /** Those of the lanes in Redis. */
  readonly ofLanes: readonly string[]
}

/** The regions that Bedrock calls go to. */
export function regionsInUse({ served, named, ofLanes }: RegionFacts): readonly string[] {
  const known = served ?? ofLanes.filter((region) => REGION.test(region))
  return [...new Set([...(named === undefined ? [] : [named]), ...known])].sort().slice(0, MOST_REGIONS)
}

/** @param regions - those that share the probed endpoint. */
export function judgeReach(regions: readonly string[], reach: BedrockReach): Verdict {
  const of = regions.length === 0 ? 'Bedrock' : `Bedrock of ${regions.join(', ')}`
  if (reach.failure !== null) return fault(`${of}: ${ended(reach.failure.message)}`)
  const via = reach.via === null ? '' : ` through the proxy ${reach.via}`
  const text = `${of} answers at ${reach.endpoint}${via} by ${reach.protocol ?? 'HTTP'}, after ${reach.tookMs} ms`
  if (reach.status !== null && reach.status >= 500) {
    return warning(
      `${text}, with the status ${reach.status}: Bedrock, or a proxy on the way, takes no calls now. Look at the AWS Health Dashboard.`,
    )
  }
  return ok(`${text}.`)
}

/** There is nothing to probe. */
export const NO_REGION = skipped(
  'No region is known: no lane was used lately, and neither QUARRY_REGIONS nor AWS_REGION is set. --region tries one.',
)

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
