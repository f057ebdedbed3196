// Which fault strikes a call: the first rule that matches it, has strikes left and wins its draw.
import { randomUUID } from 'node:crypto'
import type { Random } from './latency.ts'
import type { Lane } from './quota.ts'
import type { FaultRule } from './settings.ts'
import { makeMatcher } from './wildcard.ts'

interface CompiledRule {
  id: string
  rule: FaultRule
  matches: (lane: Lane) => boolean
  left: number
}

/** The fault rules in force, and how many strikes each has left. */
export class Faults {
  #rules: CompiledRule[] = []

  /** Puts new rules in force; every `count` starts anew. */
  configure(rules: readonly FaultRule[]): void {
    this.#rules = rules.map(compile)
  }

  /** The rules in force, in their order. */
  rules(): FaultRule[] {
    return this.#rules.map(({ rule }) => rule)
  }

  /**
   * Puts one more rule in force; the others keep the strikes that they have left.
   * @returns its id
   */
  add(rule: FaultRule): string {
    const compiled = compile(rule)
    this.#rules.push(compiled)
    return compiled.id
  }

  /** Takes one rule out of force. Whether there was such a rule. */
  remove(id: string): boolean {
    const before = this.#rules.length
    this.#rules = this.#rules.filter((compiled) => compiled.id !== id)
    return this.#rules.length < before
  }

  /** Gives every rule all its strikes back. */
  reset(): void {
    for (const compiled of this.#rules) compiled.left = strikesOf(compiled.rule)
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

function compile(rule: FaultRule): CompiledRule {
  const model = makeMatcher(rule.model)
  const region = makeMatcher(rule.region)
  const matches = (lane: Lane) => model(lane.model) && region(lane.region)
  return { id: randomUUID(), rule, matches, left: strikesOf(rule) }
}

const strikesOf = ({ count }: FaultRule): number => count ?? Number.POSITIVE_INFINITY
