// The model behind an inference profile whose ARN does not contain it, as the lanes file gives it. Pure.
import type { Lane } from '../job/lane.ts'
import type { ProfileRule } from './lane-rules.ts'
import { fitsLane, type LanePattern, matches } from './pattern.ts'

/** The model of a profile by the first matching rule; the name itself if none matches. */
export function modelBehind(rules: readonly ProfileRule[] = [], name: string): string {
  return rules.find(({ profile }) => matches(profile, name))?.model ?? name
}

/** Whether a lane matches patterns by the model name in diagrams, or by the model behind it. */
export function fitsEither(pattern: LanePattern, lane: Lane, rules: readonly ProfileRule[] = []): boolean {
  if (fitsLane(pattern, lane)) return true
  const model = modelBehind(rules, lane.model)
  return model !== lane.model && fitsLane(pattern, { ...lane, model })
}
