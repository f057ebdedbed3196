import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { laneTable, outageLines } from '../../src/cli/lane-table.ts'
import type { LaneOverview } from '../../src/control/lane-overview.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'

const page = await readFile(new URL('../../docs/lanes.md', import.meta.url), 'utf8')

const LANE: LaneOverview = {
  name: 'default@us-east-1@amazon.nova-lite-v1%3A0' as LaneName,
  account: 'default',
  accountName: 'default',
  region: 'us-east-1',
  model: 'amazon.nova-lite-v1:0',
  state: 'running',
  outage: null,
  backlogMs: 8_000,
  waiting: 12,
  active: 4,
  delayed: 1,
  pace: { requestsPerMinute: 98.7, throttles: 3, cooldownMs: 0, cooldownWhy: null, concurrency: null },
  recent: {
    jobs: 40,
    failed: 1,
    incidents: 1,
    callsPerMinute: 9,
    throttledPerMinute: 0,
    meanMs: 1_200,
    tokensPerMinute: 5_400,
    usdPerHour: 1.5,
  },
  quota: {
    requestsPerMinute: 100,
    tokensPerMinute: 200_000,
    concurrency: 20,
    burstSeconds: 1,
    origin: 'override',
  },
  overrides: {
    requestsPerMinute: 100,
    tokensPerMinute: null,
    concurrency: 20,
    draining: false,
    atMs: 1,
    by: 'ann@desk',
  },
}

it('the table of docs/lanes.md is the output of `quarry lanes`', () => {
  expect(page).toContain(`\`\`\`\n${laneTable([LANE]).join('\n')}\n\`\`\``)
})

it('the table shows a dash for unknown values', () => {
  const pace = {
    requestsPerMinute: null,
    throttles: 0,
    cooldownMs: 1_250,
    cooldownWhy: null,
    concurrency: null,
  }
  const quota = { ...LANE.quota, tokensPerMinute: null, origin: 'file' as const }
  expect(laneTable([{ ...LANE, backlogMs: null, pace, quota }], true)[1]).toMatch(
    / 1 +- +9 +1\/40 +- +100 +- +20 +file +0 +1\.3 s +1\.2 s +5400 +1\.50$/,
  )
})

it('the table shows how long a lane has been in an outage, and the reason on a line below', () => {
  const outage = { lastedMs: 130_000, why: 'No connection to b.example:443 (tcp).\nLook at it.' }
  const lane = { ...LANE, state: 'outage' as const, outage, backlogMs: null }
  expect(laneTable([lane])[1]).toMatch(/ {2}outage 2 min +12 +4 +1 +- +9 +1\/40 +98\.7/)
  expect(outageLines([LANE, lane])).toEqual([
    'default@us-east-1@amazon.nova-lite-v1%3A0: outage for 2 min: No connection to b.example:443 (tcp).%0ALook at it.',
  ])
})

it('control characters in the name of a model are shown encoded, on one line', () => {
  const [, line = ''] = laneTable([{ ...LANE, model: 'a\u001b[31m\nb\u202ec é' }])
  expect(line).toContain('  a%1B[31m%0Ab%E2%80%AEc é  ')
})

it('the lanes file of docs/lanes.md is valid', () => {
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const { rules, problems } = readLaneRules({ path: 'docs/lanes.md', text })
  expect(problems).toEqual([])
  expect([rules?.quotas.length, rules?.weights.length, rules?.routes.length, rules?.budgets.length]).toEqual([
    3, 2, 1, 2,
  ])
})
