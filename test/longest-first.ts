// The order in which test files begin. One that takes minutes must not be the last: the others would be done, and all
// would wait for it alone.
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By what they took, longest first. */
const LONGEST = [
  'chaos/kills',
  'chaos/long-waits',
  'chaos/rolling-restarts',
  'chaos/standstill',
  'chaos/zeebe-away',
  'chaos/partition-away',
  'chaos/outages',
  'chaos/stuck-lane',
  'chaos/connections',
  'chaos/bedrock-faults',
  'chaos/partitions',
  'chaos/scaling',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}

function place({ moduleId }: TestSpecification): number {
  const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return at === -1 ? LONGEST.length : at
}
