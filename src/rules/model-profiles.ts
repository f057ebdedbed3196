// Which model stands behind an inference profile whose ARN does not tell, as an operator says. Pure.
import type { Lane } from '../job/lane.ts'
import type { ProfileRule } from './lane-rules.ts'
import { fitsLane, type LanePattern, matches } from './pattern.ts'

/** The model of a profile by the first rule that fits; the name itself where none does. */
export function modelBehind(rules: readonly ProfileRule[] = [], name: string): string {
  return rules.find(({ profile }) => matches(profile, name))?.model ?? name
}

/** Whether a lane fits patterns by the name that diagrams call its model by, or by that of the model behind it. */
export function fitsEither(pattern: LanePattern, lane: Lane, rules: readonly ProfileRule[] = []): boolean {
  if (fitsLane(pattern, lane)) return true
  const model = modelBehind(rules, lane.model)
  return model !== lane.model && fitsLane(pattern, { ...lane, model })
}
