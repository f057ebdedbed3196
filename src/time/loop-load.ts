// How busy the event loop of this process is.

/** A sample covers at least so much time, ms. */
const SAMPLE_MS = 20
/** Of the time: a loop that is busier has more to do at a time than it gets done. */
const SATURATED = 0.95

/** Whether the event loop had something to do nearly all the time of late. Measures when it is asked, and not otherwise. */
export function makeLoopLoad(): () => boolean {
  let begun = performance.eventLoopUtilization()
  let begunAt = performance.now()
  let isSaturated = false
  return () => {
    const now = performance.now()
    if (now - begunAt < SAMPLE_MS) return isSaturated
    isSaturated = performance.eventLoopUtilization(begun).utilization > SATURATED
    begun = performance.eventLoopUtilization()
    begunAt = now
    return isSaturated
  }
}
