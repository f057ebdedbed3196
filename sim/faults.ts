// Which fault strikes a call: the first rule that matches it, has strikes left and wins its draw.
import type { Random } from './latency.ts'
import type { Lane } from './quota.ts'
import type { FaultRule } from './settings.ts'
import { makeMatcher } from './wildcard.ts'

interface CompiledRule {
  rule: FaultRule
  matches: (lane: Lane) => boolean
  left: number
}

/** The fault rules in force, and how many strikes each has left. */
export class Faults {
  #rules: CompiledRule[] = []

  /** Puts new rules in force; every `count` starts anew. */
  configure(rules: readonly FaultRule[]): void {
    this.#rules = rules.map((rule) => {
      const model = makeMatcher(rule.model)
      const region = makeMatcher(rule.region)
      const matches = (lane: Lane) => model(lane.model) && region(lane.region)
      return { rule, matches, left: rule.count ?? Number.POSITIVE_INFINITY }
    })
  }

  /** Gives every rule all its strikes back. */
  reset(): void {
    this.configure(this.#rules.map(({ rule }) => rule))
  }

  /** The rule that strikes this call, if any; uses up one of its strikes. */
  strike(lane: Lane, random: Random): FaultRule | undefined {
    for (const compiled of this.#rules) {
      const { rule, left } = compiled
      if (left === 0 || !compiled.matches(lane)) continue
      if (rule.share !== undefined && random() >= rule.share) continue
      compiled.left -= 1
      return rule
    }
    return undefined
  }
}
