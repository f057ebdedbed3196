// The order of src/lanes/order/fair-order.ts in TypeScript, which tests play beside place.lua and refund.lua. Pure.
import { FIRST_TAG, type Place } from '../../../../src/lanes/order/fair-order.ts'

/** A job that waits in its place. */
export interface Placed extends Place {
  readonly id: string
  /** Its order among the jobs of its tenant. */
  readonly rank: number
  /** Its order in the lane. */
  readonly tag: number
}

/** What is known of those whose jobs wait, by name. */
export interface Finishes {
  /** The finish tag of each tenant's last slot. */
  readonly tenants: ReadonlyMap<string, number>
  /** The finish rank of each flow's last job. */
  readonly flows: ReadonlyMap<string, number>
  /** The highest finish rank of a tenant's flows: where its next job begins when it has none waiting. */
  readonly reached: ReadonlyMap<string, number>
}

export const NOTHING_PLACED: Finishes = { tenants: new Map(), flows: new Map(), reached: new Map() }

/**
 * Gives jobs that come their places.
 * @param waiting all that wait in the lane
 * @returns all that wait then, those of before in new places where their tenant's order changed
 */
export function placeJobs(
  finishes: Finishes,
  waiting: readonly Placed[],
  coming: readonly (Place & { readonly id: string })[],
): { readonly finishes: Finishes; readonly waiting: readonly Placed[] } {
  const known = waiting.length === 0 ? NOTHING_PLACED : finishes
  const now = waiting.reduce((lowest, { tag }) => Math.min(lowest, tag), waiting[0]?.tag ?? FIRST_TAG)
  const tenants = new Map(known.tenants)
  const flows = new Map(known.flows)
  const reached = new Map(known.reached)
  const byTenant = Map.groupBy(waiting, ({ tenant }) => tenant)
  // What comes has no lower rank than what waits.
  const begins = new Map(
    [...byTenant].map(([tenant, jobs]) => [tenant, Math.min(...jobs.map(({ rank }) => rank))]),
  )
  for (const turn of coming) {
    const { tenant, flow, cost, tenantCost } = turn
    const jobs = byTenant.get(tenant) ?? []
    const lowest = begins.get(tenant) ?? reached.get(tenant) ?? FIRST_TAG
    begins.set(tenant, lowest)
    const rank = Math.max(flows.get(flow) ?? 0, lowest)
    flows.set(flow, rank + cost)
    reached.set(tenant, Math.max(reached.get(tenant) ?? 0, rank + cost))
    const tag = Math.max(tenants.get(tenant) ?? 0, now)
    tenants.set(tenant, tag + tenantCost)
    jobs.push({ ...turn, rank, tag })
    byTenant.set(tenant, jobs)
  }
  return { finishes: { tenants, flows, reached }, waiting: [...byTenant.values()].flatMap(inSlots) }
}

/** The jobs of a tenant in its slots, by their ranks. */
function inSlots(jobs: readonly Placed[]): readonly Placed[] {
  const slots = jobs.map(({ tag }) => tag).sort((one, other) => one - other)
  return jobs
    .toSorted((one, other) => one.rank - other.rank || (one.id < other.id ? -1 : 1))
    .map((job, index) => ({ ...job, tag: slots[index] ?? job.tag }))
}

/** What a flow and its tenant are given back for a job that is taken out before its turn: later jobs go that much sooner. */
export function refundPlace(finishes: Finishes, { tenant, flow, cost, tenantCost }: Place): Finishes {
  const less = (of: ReadonlyMap<string, number>, name: string, by: number): ReadonlyMap<string, number> => {
    const finish = of.get(name)
    return finish === undefined ? of : new Map(of).set(name, finish - by)
  }
  return {
    tenants: less(finishes.tenants, tenant, tenantCost),
    flows: less(finishes.flows, flow, cost),
    reached: finishes.reached,
  }
}
