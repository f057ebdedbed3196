// The state machine over random schedules of everything that can happen to a job.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectAskedFor, expectInLane, schedules } from './job-schedule.ts'
import { type JobKeeper, JobWorld } from './job-world.ts'
import { moveJob } from './model/job-machine.ts'
import type { JobRecord } from './model/job-record.ts'

function pureKeeper(): JobKeeper {
  let record: JobRecord | null = null
  return {
    async move(move) {
      const moved = moveJob(record, move)
      record = moved.record
      return moved.reply
    },
    state: async () => record,
  }
}

describe('for any sequence of events a job', () => {
  it('is executed once for each order of Zeebe', async () => {
    await fc.assert(
      fc.asyncProperty(schedules(60), async (steps) => {
        const world = new JobWorld(pureKeeper())
        for (const step of steps) await world.step(step)
        expectAskedFor(world)
        expectInLane(world)
      }),
      { numRuns: 20_000 },
    )
  })

  it('ends when every process does its part', async () => {
    await fc.assert(
      fc.asyncProperty(schedules(40), async (steps) => {
        const world = new JobWorld(pureKeeper())
        for (const step of steps) await world.step(step)
        expect(await world.settle()).toBe(true)
        expectAskedFor(world)
        expectInLane(world)
      }),
      { numRuns: 5_000 },
    )
  })
})
