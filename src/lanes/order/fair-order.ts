// In which order the jobs of a lane take their turn: its tenants share it by their weights, whatever each of them brings, and
// the flows of a tenant share what is the tenant's: the rule that src/lanes/order/place.lua and refund.lua carry out.
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

/** The lowest tag; above all scores that BullMQ gives to jobs it puts back (see lanes/order/lane-order.ts). */
export const FIRST_TAG = 2 ** 43

/** What of a job decides its place in the lane, and what its turn costs. */
export interface Place {
  /** Without spaces. */
  readonly tenant: string
  /** Names the flow, its tenant included. */
  readonly flow: string
  /** Of a turn of the flow within its tenant, ticks. */
  readonly cost: number
  /** Of a turn of the tenant within the lane, ticks. */
  readonly tenantCost: number
}

/** What a turn costs, in ticks: less for more weight; a weight beyond 10,000 or below 0.001 counts as that. */
export function turnCost(weight: number): number {
  return Math.min(DEAREST, Math.max(1, Math.round(TURN / weight)))
}
