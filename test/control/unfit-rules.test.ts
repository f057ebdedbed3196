import { describe, expect, it, vi } from 'vitest'
import { makeUnfitWatch, unfitRules } from '../../src/control/unfit-rules.ts'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const LANES = [
  { account: 'default', region: 'eu-west-1', model: 'm' },
  { account: '123456789012', region: 'eu-west-1', model: 'm' },
]
const FILE = `
accounts: [{ id: "123456789012", name: payments }]
quotas:
  - { account: default, requestsPerMinute: 1 }
  - { account: payments, requestsPerMinute: 1 }
  - { account: 1a2b3c4d5e, requestsPerMinute: 1 }
  - { model: never-used, requestsPerMinute: 1 }
routes:
  - { region: us-gone-1, to: [{ region: eu-west-1 }] }
`

function rules() {
  const read = readLaneRules({ path: 'lanes.yaml', text: FILE })
  if (read.rules === null) throw new Error(read.problems.join())
  return read.rules
}

describe('rules that match no lane', () => {
  it('are those with an account or a route that no lane has', () => {
    expect(unfitRules(rules(), LANES)).toEqual([
      'quotas[2] (account 1a2b3c4d5e)',
      'routes[0] (region us-gone-1)',
    ])
  })

  it('are reported once, after they have matched nothing for long', async () => {
    const events = makeEvents()
    const told: string[] = []
    events.on('laneRuleUnfit', ({ rule }) => told.push(rule))
    let [now, looks] = [0, 0]
    const lanes = async () => {
      looks += 1
      return LANES
    }
    const watch = makeUnfitWatch({ lanes, rules, events, now: () => now, everyMs: 1, afterMs: 1_000 })
    watch.start()
    await vi.waitFor(() => expect(looks).toBeGreaterThan(3))
    expect(told).toEqual([])
    now = 1_000
    await vi.waitFor(() => expect(told).toHaveLength(2))
    const seen = looks
    await vi.waitFor(() => expect(looks).toBeGreaterThan(seen + 3))
    await watch.stop()
    expect(told).toEqual(unfitRules(rules(), LANES))
  })
})
