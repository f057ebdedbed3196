// The check of `quarry doctor` that reaches Bedrock in each region in use, the way that calls go. It sends an unsigned
// request, so it needs no credentials and costs nothing.
import { probeBedrock } from '../aws/probe-bedrock.ts'
import { knownLanes } from '../control/lane-overview.ts'
import type { Verdict } from '../doctor/finding.ts'
import { judgeReach, NO_REGION, regionsInUse } from '../doctor/judge-bedrock.ts'
import { parseLaneName } from '../job/lane.ts'
import { makeLaneRegistry } from '../lanes/lane-registry.ts'
import { makeOverrideStore } from '../lanes/override-store.ts'
import { makeKeys } from '../redis/keys.ts'
import type { Settings } from '../settings/settings.ts'
import { withRedis } from './redis-session.ts'

/** An endpoint from the settings is the same in all regions. */
const ANY_REGION = 'us-east-1'
/** Enough to wait for a Redis that is away and then to connect to Bedrock. */
export const BEDROCK_LIMIT_MS = 30_000

/** @param named - the region from --region, or AWS_REGION. */
export async function bedrockChecks(
  settings: Settings,
  named: string | undefined,
): Promise<readonly Verdict[]> {
  // The check `redis` reports a Redis that is away.
  const ofLanes = await regionsOfLanes(settings).catch(() => [])
  const regions = regionsInUse({ served: settings.regions, named, ofLanes })
  const { bedrockEndpoint, ...way } = settings.aws
  if (regions.length === 0 && bedrockEndpoint !== undefined)
    return [judgeReach([], await probeBedrock(ANY_REGION, bedrockEndpoint, way))]
  const reached = await Promise.all(
    regions.map(async (region) => ({ region, reach: await probeBedrock(region, bedrockEndpoint, way) })),
  )
  const byEndpoint = Map.groupBy(reached, ({ reach }) => reach.endpoint)
  const verdicts = [...byEndpoint.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          judgeReach(
            [first, ...others].map(({ region }) => region),
            first.reach,
          ),
        ],
  )
  return verdicts.length > 0 ? verdicts : [NO_REGION]
}

async function regionsOfLanes(settings: Settings): Promise<readonly string[]> {
  const keys = makeKeys(settings.redis.prefix)
  const names = await withRedis('doctor', settings, (redis) =>
    knownLanes({ registry: makeLaneRegistry(redis, keys), overrides: makeOverrideStore(redis, keys) }),
  )
  return names.map((name) => parseLaneName(name).region)
}
