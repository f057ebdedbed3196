// A lane as src/lanes/order/fair-order.ts orders it, taken from and added to at random: for the properties, and for what Redis does.
import fc from 'fast-check'
import { type Place, turnCost } from '../../../src/lanes/order/fair-order.ts'
import { type Finishes, NOTHING_PLACED, type Placed, placeJobs, refundPlace } from './model/fair-order.ts'

/** What happens to a lane. */
export type LaneStep =
  | { readonly do: 'add'; readonly turns: readonly Place[] }
  | { readonly do: 'take' }
  /** Takes the job out that is at this place, counted round. */
  | { readonly do: 'remove'; readonly pick: number }

/** Five flows of weights 0.25, 1, 1, 3 and 16 of each tenant, and tenants of weights 1, 2 and 0.5. */
const FLOWS: readonly (readonly Place[])[] = [1, 2, 0.5].map((tenantWeight, tenant) =>
  [0.25, 1, 1, 3, 16].map((weight, index) => ({
    ...{ tenant: `t${tenant}`, flow: `t${tenant} process-${index} x1` },
    ...{ cost: turnCost(weight), tenantCost: turnCost(tenantWeight) },
  })),
)

/** Steps over five flows of a tenant, or of each of some. */
export function laneSteps(longest: number, { removals = true, tenants = 1 } = {}): fc.Arbitrary<LaneStep[]> {
  const flows = FLOWS.slice(0, tenants).flat()
  const turns = fc.array(fc.constantFrom(...flows), { minLength: 1, maxLength: 6 })
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
  waiting(): readonly Placed[]
  add(turns: readonly Place[]): readonly Placed[]
  take(): Placed | undefined
  /** Undefined when nothing waits. */
  remove(pick: number): Placed | undefined
}

export function makeLaneModel(): LaneModel {
  let finishes: Finishes = NOTHING_PLACED
  let added = 0
  let waiting: Placed[] = []
  return {
    waiting: () => waiting,
    add(turns) {
      const coming = turns.map((turn) => {
        added += 1
        return { ...turn, id: `z-${1_000_000 + added}-1` }
      })
      const placed = placeJobs(finishes, waiting, coming)
      finishes = placed.finishes
      waiting = placed.waiting.toSorted((one, other) => one.tag - other.tag || (one.id < other.id ? -1 : 1))
      const ids = new Set(coming.map(({ id }) => id))
      return waiting.filter(({ id }) => ids.has(id)).sort((one, other) => (one.id < other.id ? -1 : 1))
    },
    take: () => waiting.shift(),
    remove(pick) {
      const [removed] = waiting.length === 0 ? [] : waiting.splice(pick % waiting.length, 1)
      if (removed !== undefined) finishes = refundPlace(finishes, removed)
      return removed
    },
  }
}
