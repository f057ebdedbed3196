// The order of the jobs in a lane, as place.lua and refund.lua implement it. Tenants share the lane by weight, however many jobs each has.
// The flows of a tenant share the tenant's part by weight.
//
// Start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996) at two levels:
// - Within a tenant, a job's rank is the finish of the previous job of its flow, or the lowest waiting rank if that is later. Its finish is
//   its rank plus the cost of a turn of its flow.
// - Within the lane, each new job adds one slot to its tenant: one tenant's turn after the tenant's last slot, or now if that is later. Now
//   is the lowest waiting tag. The tenant's jobs fill its slots in the order of their ranks: an urgent job takes the slot of an earlier
//   job, and the jobs behind it shift by one slot. So no choice of flows, priorities or process ids gives a tenant more slots.
// While two tenants wait, what they get in any period, in costs, differs by at most one job of each; the same holds for two flows of a
// tenant. A tenant without waiting jobs enters behind at most one job of each other tenant, and keeps no credit from before.

/** Cost of a turn at weight 1, in ticks. */
export const TURN = 10_000
const DEAREST = 1_000 * TURN

/** The lowest tag. Above all scores of jobs that BullMQ puts back (lane-order.ts). */
export const FIRST_TAG = 2 ** 43

/** What decides a job's place in the lane. */
export interface Place {
  /** Without spaces. */
  readonly tenant: string
  /** Name of the flow, which includes the tenant. */
  readonly flow: string
  /** Of a turn of the flow within its tenant, ticks. */
  readonly cost: number
  /** Of a turn of the tenant within the lane, ticks. */
  readonly tenantCost: number
}

/** Cost of a turn in ticks, inverse to the weight. Weights are clamped to 0.001 … 10,000. */
export function turnCost(weight: number): number {
  return Math.min(DEAREST, Math.max(1, Math.round(TURN / weight)))
}
