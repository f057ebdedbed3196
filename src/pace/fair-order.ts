// In which order the jobs of a lane take their turn, so that flows share it by weight. Pure;
// src/redis/scripts/place.lua and refund.lua do the same in Redis.
//
// Start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996): a job's tag is the finish of the job before it in its flow,
// or now, whichever is later; its finish is its tag plus what a turn of its flow costs. Jobs go in the order of their
// tags, and now is the lowest tag that waits. While two flows wait, what they get in any time, counted in costs, differs
// by one job of each at the most; a flow that had nothing waiting comes with its next job behind at most one job of each
// other, and has no claim from before.

/** What a turn costs at weight 1, in ticks. */
export const TURN = 10_000
const DEAREST = 1_000 * TURN

/** The lowest tag; above all scores that BullMQ gives to jobs it puts back (see redis/lane-order.ts). */
export const FIRST_TAG = 2 ** 43

/** A job's turn. */
export interface Turn {
  /** Names the flow. */
  readonly flow: string
  /** Ticks. */
  readonly cost: number
}

/** The finish tag of each flow's last job; a flow that is not in it has nothing waiting. */
export type Finishes = ReadonlyMap<string, number>

/** What a turn costs, in ticks: less for more weight; a weight beyond 10,000 or below 0.001 counts as that. */
export function turnCost(weight: number): number {
  return Math.min(DEAREST, Math.max(1, Math.round(TURN / weight)))
}

/**
 * The tags of jobs that come, in their order.
 * @param first the lowest tag that waits; null while none does, and then nobody has anything to remember.
 */
export function placeJobs(
  finishes: Finishes,
  first: number | null,
  turns: readonly Turn[],
): { readonly finishes: Finishes; readonly tags: readonly number[] } {
  const now = first ?? FIRST_TAG
  const next = new Map([...finishes].filter(([, finish]) => first !== null && finish > now))
  const tags = turns.map(({ flow, cost }) => {
    const tag = next.get(flow) ?? now
    next.set(flow, tag + cost)
    return tag
  })
  return { finishes: next, tags }
}

/** What a flow is given back for a job that is taken out before its turn: its later jobs go that much sooner. */
export function refundTurn(finishes: Finishes, { flow, cost }: Turn): Finishes {
  const finish = finishes.get(flow)
  if (finish === undefined) return finishes
  return new Map(finishes).set(flow, finish - cost)
}
