// A lane as src/pace/fair-order.ts orders it, taken from and added to at random: for the properties, and for what Redis does.
import fc from 'fast-check'
import { type Finishes, placeJobs, refundTurn, type Turn, turnCost } from '../../src/pace/fair-order.ts'

export interface WaitingTurn extends Turn {
  readonly id: string
  readonly tag: number
}

/** What happens to a lane. */
export type LaneStep =
  | { readonly do: 'add'; readonly turns: readonly Turn[] }
  | { readonly do: 'take' }
  /** Takes the job out that is at this place, counted round. */
  | { readonly do: 'remove'; readonly pick: number }

const FLOWS: readonly Turn[] = [0.25, 1, 1, 3, 16].map((weight, index) => ({
  flow: `t process-${index} x1`,
  cost: turnCost(weight),
}))

/** Steps over five flows of weights 0.25, 1, 1, 3 and 16. */
export function laneSteps(longest: number, { removals = true } = {}): fc.Arbitrary<LaneStep[]> {
  const turns = fc.array(fc.constantFrom(...FLOWS), { minLength: 1, maxLength: 6 })
  const add = turns.map((some): LaneStep => ({ do: 'add', turns: some }))
  const take = fc.constant<LaneStep>({ do: 'take' })
  const remove = fc.nat(20).map((pick): LaneStep => ({ do: 'remove', pick }))
  return fc.array(
    fc.oneof(
      { weight: 2, arbitrary: add },
      { weight: 5, arbitrary: take },
      { weight: removals ? 1 : 0, arbitrary: remove },
    ),
    { maxLength: longest, size: 'max' },
  )
}

export interface LaneModel {
  /** In the order in which they will be taken. */
  waiting(): readonly WaitingTurn[]
  add(turns: readonly Turn[]): readonly WaitingTurn[]
  take(): WaitingTurn | undefined
  /** Undefined when nothing waits. */
  remove(pick: number): WaitingTurn | undefined
}

export function makeLaneModel(): LaneModel {
  let finishes: Finishes = new Map()
  let added = 0
  const waiting: WaitingTurn[] = []
  return {
    waiting: () => waiting,
    add(turns) {
      const placed = placeJobs(finishes, waiting[0]?.tag ?? null, turns)
      finishes = placed.finishes
      const coming = turns.map((turn, index) => {
        added += 1
        return { ...turn, id: `z-${1_000_000 + added}-1`, tag: placed.tags[index] ?? 0 }
      })
      waiting.push(...coming)
      waiting.sort((one, other) => one.tag - other.tag || (one.id < other.id ? -1 : 1))
      return coming
    },
    take: () => waiting.shift(),
    remove(pick) {
      const [removed] = waiting.length === 0 ? [] : waiting.splice(pick % waiting.length, 1)
      if (removed !== undefined) finishes = refundTurn(finishes, removed)
      return removed
    },
  }
}
