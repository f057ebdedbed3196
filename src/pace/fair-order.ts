// In which order the jobs of a lane take their turn: its tenants share it by their weights, whatever each of them brings, and
// the flows of a tenant share what is the tenant's. Pure; src/redis/scripts/place.lua and refund.lua do the same in Redis.
//
// Twice start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996). In a tenant: a job's rank is the finish of the job before
// it in its flow, or the lowest rank that waits, whichever is later; its finish is its rank plus what a turn of its flow
// costs. In the lane: each job that comes gives its tenant one more slot, a tenant's turn behind its last one, or now,
// whichever is later; now is the lowest tag that waits. The tenant's jobs stand in its slots in the order of their ranks: one
// that is urgent takes a slot of an earlier one, and these move up one each. So no choice of flows, priorities or process ids
// gives a tenant a slot more. While two tenants wait, what they get in any time, counted in costs, differs by one job of each
// at the most, and so it is with two flows of a tenant; who had nothing waiting comes with the next job behind at most one
// job of each other, and has no claim from before.

/** What a turn costs at weight 1, in ticks. */
export const TURN = 10_000
const DEAREST = 1_000 * TURN

/** The lowest tag; above all scores that BullMQ gives to jobs it puts back (see redis/lane-order.ts). */
export const FIRST_TAG = 2 ** 43

/** A job's turn. */
export interface Turn {
  /** Without spaces. */
  readonly tenant: string
  /** Names the flow, its tenant included. */
  readonly flow: string
  /** Of a turn of the flow within its tenant, ticks. */
  readonly cost: number
  /** Of a turn of the tenant within the lane, ticks. */
  readonly tenantCost: number
}

/** A job that waits in its place. */
export interface Placed extends Turn {
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

/** What a turn costs, in ticks: less for more weight; a weight beyond 10,000 or below 0.001 counts as that. */
export function turnCost(weight: number): number {
  return Math.min(DEAREST, Math.max(1, Math.round(TURN / weight)))
}

/**
 * Gives jobs that come their places.
 * @param waiting all that wait in the lane
 * @returns all that wait then, those of before in new places where their tenant's order changed
 */
export function placeJobs(
  finishes: Finishes,
  waiting: readonly Placed[],
  coming: readonly (Turn & { readonly id: string })[],
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
export function refundTurn(finishes: Finishes, { tenant, flow, cost, tenantCost }: Turn): Finishes {
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
