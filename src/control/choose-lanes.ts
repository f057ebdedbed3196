// Selects the lanes that an operator names: one by name, several by patterns, or all. Pure.
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import { fitsLane } from '../rules/pattern.ts'

export type LaneChoice =
  | { readonly kind: 'all' }
  /** Percent-encoded, as lists show it, or decoded: `default@us-east-1@amazon.nova-lite-v1:0`. */
  | { readonly kind: 'name'; readonly name: string }
  /** Patterns in which `*` stands for any characters; an absent one fits everything. */
  | {
      readonly kind: 'patterns'
      readonly account?: string | undefined
      readonly region?: string | undefined
      readonly model?: string | undefined
    }

/** The selected lanes, in the order of `known`. */
export function chooseLanes(known: readonly LaneName[], choice: LaneChoice): readonly LaneName[] {
  switch (choice.kind) {
    case 'all':
      return known
    case 'name':
      return known.filter((name) => name === choice.name || inClear(name) === choice.name)
    case 'patterns':
      return known.filter((name) => fitsLane(choice, parseLaneName(name)))
  }
}

function inClear(name: LaneName): string {
  const { account, region, model } = parseLaneName(name)
  return `${account}@${region}@${model}`
}
