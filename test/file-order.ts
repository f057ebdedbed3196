// The order in which test files begin. One that takes minutes must not be the last: the others would be done, and all
// would wait for it alone. Nor do two begin together that start processes all the time: they would take the machine from each other.
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const FIRST = [
  'flow/leases',
  'flow/main-job',
  'flow/identity',
  // Starts processes all the time; the next ones wait, most of the time.
  'chaos/kills',
  'chaos/zeebe-away',
  'chaos/long-waits',
  'chaos/partition-away',
  'chaos/outages',
  'chaos/standstill',
  'chaos/connections',
  // The same again.
  'chaos/rolling-restarts',
  'chaos/bedrock-faults',
  'chaos/stuck-lane',
  'chaos/partitions',
]

/** Takes a core for a while, and its neighbours are late meanwhile. */
const LAST = 'chaos/hostile-jobs'

export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

function place({ moduleId }: TestSpecification): number {
  const is = (name: string): boolean => moduleId.endsWith(`/test/${name}.test.ts`)
  const at = FIRST.findIndex(is)
  return is(LAST) ? FIRST.length + 1 : at === -1 ? FIRST.length : at
}
