// Where the jobs of a lane may be sent besides. Pure. Off unless a rule says so: where data may go is its owner's decision.
import { isUnroutable, type Lane } from '../../job/lane.ts'
import type { RouteRule, RouteTarget } from '../../rules/lane-rules.ts'
import { fitsLane } from '../../rules/pattern.ts'

/** Where a route leads the jobs of a lane. */
export interface Spillover {
  /** In the order of the rule, the lane itself left out. */
  readonly targets: readonly { readonly lane: Lane; readonly weight: number | null }[]
  /** How long a job waits for its own lane before it goes elsewhere, ms. */
  readonly spillAfterMs: number
}

/**
 * The first rule that fits; null where none does, or it leads nowhere else.
 * @param serves - whether this worker calls a region.
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
 * The targets in the order in which one job asks them: those without a weight as they stand, those with weights drawn by them, behind.
 */
export function targetOrder({ targets }: Spillover, random: () => number): readonly Lane[] {
  const strict = targets.filter(({ weight }) => weight === null)
  // Drawn without putting back: -ln(u) / weight is smallest for each with the probability of its weight.
  const drawn = targets
    .flatMap(({ lane, weight }) => (weight === null ? [] : [{ lane, at: -Math.log(1 - random()) / weight }]))
    .sort((one, other) => one.at - other.at)
  return [...strict, ...drawn].map(({ lane }) => lane)
}

function laneOf(lane: Lane, { region, model }: RouteTarget): Lane {
  return { account: lane.account, region: region ?? lane.region, model: model ?? lane.model }
}
