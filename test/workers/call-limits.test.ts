import { describe, expect, it } from 'vitest'
import type { QueuedJob } from '../../src/job/queued-job.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { callTimeoutMs, longestCallMs } from '../../workers/call-limits.ts'

function limits(env: Record<string, string>, headers: Record<string, string>) {
  const { settings } = loadSettings({ env })
  const job = { customHeaders: JSON.stringify(headers) } as QueuedJob
  return { call: callTimeoutMs(settings, job), longest: longestCallMs(settings) }
}

describe('how long a call may take', () => {
  it.each([
    ['as the setting says', {}, {}, 600_000],
    ['as its task says, shorter', {}, { jobTimeout: 'PT5S' }, 5_000],
    ['as its task says, longer', {}, { jobTimeout: 'PT2H' }, 7_200_000],
    [
      'no longer than tasks may ask for',
      { QUARRY_MAX_TASK_TIMEOUT: 'PT30M' },
      { jobTimeout: 'PT2H' },
      1_800_000,
    ],
    ['a day, whatever its task says', {}, { jobTimeout: 'P300D' }, 86_400_000],
    ['as the setting says, whatever tasks may ask for', { QUARRY_MAX_TASK_TIMEOUT: 'PT1S' }, {}, 600_000],
  ])('%s', (_, env, headers, ms) => {
    expect(limits(env as Record<string, string>, headers as Record<string, string>).call).toBe(ms)
  })

  it('is an hour at the most, as far as budgets wait for one', () => {
    expect(limits({}, {}).longest).toBe(3_600_000)
    expect(limits({ QUARRY_MAX_TASK_TIMEOUT: 'PT30M' }, {}).longest).toBe(1_800_000)
    expect(limits({ QUARRY_CALL_TIMEOUT: 'PT2H' }, {}).longest).toBe(7_200_000)
  })
})
