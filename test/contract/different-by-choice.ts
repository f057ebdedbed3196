// The recorded cases in which Quarry does something else on purpose: why, and what it does instead. Each is played by
// different-by-choice.test.ts; docs/compatibility.md tells users.
import { expect } from 'vitest'
import type { Seen, SeenCommand } from './play-case.ts'

/** A case that is different, and what is to be seen of it. */
export interface DifferentCase {
  readonly name: string
  readonly because: string
  /** @param recorded - what the recorded connector did. */
  readonly holds: (seen: Seen, recorded: Seen) => void
}

/** How long the throttled cases may be throttled; and the others may wait for their first call, on a machine that is busy. */
export const MAX_WAIT = 'PT10S'

/** The same commands and the same end; only how often was sent before each is another matter. */
function endsAsRecorded(seen: Seen, recorded: Seen): void {
  const { requests, ...rest } = seen
  const { requests: recordedRequests, ...recordedRest } = recorded
  expect(rest).toEqual(recordedRest)
  expect(requests.length).toBeGreaterThan(recorded.commands.length)
  const [first] = recordedRequests
  expect(requests).toEqual(requests.map(() => first))
}

function isPaidOnce(seen: Seen, recorded: Seen): void {
  expect(seen.requests).toEqual(recorded.requests.slice(0, 1))
}

const throttled = 'a throttle is waited out until QUARRY_MAX_WAIT: only then is a retry used up'
const tooLarge = 'an answer the engine cannot take becomes an incident instead of an endless task'

export const differentByChoice: readonly DifferentCase[] = [
  { name: 'inject-throttle-invoke', because: throttled, holds: endsAsRecorded },
  { name: 'inject-throttle-retries3', because: throttled, holds: endsAsRecorded },
  {
    name: 'slow-35s-response',
    because: 'a slow answer is waited for, and paid once',
    holds(seen, recorded) {
      isPaidOnce(seen, recorded)
      expect(seen).toMatchObject({ end: 'completed', incident: null })
      expect(seen.commands.map(({ rpc }) => rpc)).toEqual(['CompleteJob'])
    },
  },
  { name: 'large-response-3MB-variable', because: tooLarge, holds: isAnIncidentOfSize(3_000_000) },
  { name: 'large-response-5MB-variable', because: tooLarge, holds: isAnIncidentOfSize(5_000_000) },
]

function isAnIncidentOfSize(characters: number) {
  return (seen: Seen, recorded: Seen): void => {
    isPaidOnce(seen, recorded)
    expect(seen.end).toBe('incident')
    const [command] = seen.commands
    expect(seen.commands).toHaveLength(1)
    expect(command).toMatchObject({ rpc: 'FailJob', retries: 0 })
    const message = messageOf(command)
    expect(message).toMatch(/^The result of this job \(\d+ bytes\) is larger than the Zeebe gateway takes\./)
    expect(Number(/\d+/.exec(message)?.[0])).toBeGreaterThan(characters)
    expect(seen.incident).toEqual({ errorType: 'JOB_NO_RETRIES', errorMessage: message })
  }
}

function messageOf(command: SeenCommand | undefined): string {
  return command === undefined || command.rpc === 'CompleteJob' ? '' : command.errorMessage
}
