// The benchmarks of what Quarry itself costs, in the order of docs/benchmarks.md.
import { backlog } from './backlog.ts'
import type { Bench } from './bench.ts'
import { expressions } from './expressions.ts'
import { idle } from './idle.ts'
import { inflight } from './inflight.ts'
import { overhead } from './overhead.ts'
import { startup } from './startup.ts'
import { throughput } from './throughput.ts'
import { workers } from './workers.ts'

export const BENCHES: readonly Bench[] = [
  throughput,
  overhead,
  inflight,
  backlog,
  workers,
  expressions,
  idle,
  startup,
]
