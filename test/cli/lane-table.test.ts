import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { laneTable } from '../../src/cli/lane-table.ts'
import type { LaneOverview } from '../../src/control/lane-overview.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'

const page = await readFile(new URL('../../docs/lanes.md', import.meta.url), 'utf8')

const LANE: LaneOverview = {
  name: 'default@us-east-1@amazon.nova-lite-v1%3A0' as LaneName,
  account: 'default',
  region: 'us-east-1',
  model: 'amazon.nova-lite-v1:0',
  state: 'running',
  waiting: 12,
  active: 4,
  delayed: 1,
  pace: { requestsPerMinute: 98.7, throttles: 3, cooldownMs: 0, concurrency: null },
  quota: {
    requestsPerMinute: 100,
    tokensPerMinute: 200_000,
    concurrency: 20,
    burstSeconds: 1,
    origin: 'wish',
  },
  wishes: {
    requestsPerMinute: 100,
    tokensPerMinute: null,
    concurrency: 20,
    draining: false,
    atMs: 1,
    by: 'ann@desk',
  },
}

it('the table of docs/lanes.md is what `quarry lanes` writes', () => {
  expect(page).toContain(`\`\`\`\n${laneTable([LANE]).join('\n')}\n\`\`\``)
})

it('what is not known or not there is a dash', () => {
  const pace = { requestsPerMinute: null, throttles: 0, cooldownMs: 1_250, concurrency: null }
  const quota = { ...LANE.quota, tokensPerMinute: null, origin: 'file' as const }
  expect(laneTable([{ ...LANE, pace, quota }])[1]).toMatch(/ 1 +- +100 +- +20 +file +0 +1\.3 s$/)
})

it('a model named by what a terminal would obey is shown encoded, on its one line', () => {
  const [, line = ''] = laneTable([{ ...LANE, model: 'a\u001b[31m\nb\u202ec é' }])
  expect(line).toContain('  a%1B[31m%0Ab%E2%80%AEc é  ')
})

it('the file of docs/lanes.md is a right one', () => {
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const { rules, problems } = readLaneRules({ path: 'docs/lanes.md', text })
  expect(problems).toEqual([])
  expect([rules?.quotas.length, rules?.weights.length, rules?.routes.length, rules?.budgets.length]).toEqual([
    3, 2, 1, 2,
  ])
})
