// Other lanes to which the jobs of a lane may be sent. Pure. Off without a rule: only the owner of data decides where it may go.
import { isUnroutable, type Lane } from '../../job/lane.ts'
import type { RouteRule, RouteTarget } from '../../rules/lane-rules.ts'
import { fitsLane } from '../../rules/pattern.ts'

/** Where a route leads the jobs of a lane. */
export interface Spillover {
  /** In the order of the rule, without the lane itself. */
  readonly targets: readonly { readonly lane: Lane; readonly weight: number | null }[]
  /** How long a job waits for its own lane before it goes elsewhere, ms. */
  readonly spillAfterMs: number
}

/**
 * By the first matching rule; null without one, or if it names no other lane.
 * @param serves - whether this worker serves a region.
 */
export function spilloverOf(
  lane: Lane,
  rules: readonly RouteRule[],
  serves: (region: string) => boolean,
): Spillover | null {
  if (isUnroutable(lane)) return null
  const rule = rules.find((each) => fitsLane(each, lane))
  if (rule === undefined) return null
  const targets = rule.to
    .map((target) => ({ lane: laneOf(lane, target), weight: target.weight ?? null }))
    .filter(({ lane: { region, model } }) => region !== lane.region || model !== lane.model)
    .filter(({ lane: { region } }) => serves(region))
  return targets.length === 0 ? null : { targets, spillAfterMs: rule.spillAfterMs }
}

/**
 * The targets in the order in which a job tries them: first those without a weight, in the order of the rule, then the others, drawn by
 * weight.
 */
export function targetOrder({ targets }: Spillover, random: () => number): readonly Lane[] {
  const strict = targets.filter(({ weight }) => weight === null)
  // Weighted sampling without replacement: -ln(u) / weight is the smallest with a probability proportional to the weight.
  const drawn = targets
    .flatMap(({ lane, weight }) => (weight === null ? [] : [{ lane, at: -Math.log(1 - random()) / weight }]))
    .sort((one, other) => one.at - other.at)
  return [...strict, ...drawn].map(({ lane }) => lane)
}

function laneOf(lane: Lane, { region, model }: RouteTarget): Lane {
  return { account: lane.account, region: region ?? lane.region, model: model ?? lane.model }
}
