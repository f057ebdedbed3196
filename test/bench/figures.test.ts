import { describe, expect, it } from 'vitest'
import { arrivalsOf, compareP99, figuresOf, latencies } from '../../bench/pace/figures.ts'
import type { Call, Observation, Scenario } from '../../bench/pace/scenario.ts'
import type { Instance } from '../../bench/rig/instances.ts'

const names = { model: (base: string) => base, process: (name: string) => name }

function call(atMs: number, change: Partial<Call> = {}): Call {
  return { atMs, model: 'm', region: 'r', status: 200, tokens: 50, mark: '', ...change }
}

function instance(startedAtMs: number, tookMs: number | null, change: Partial<Instance> = {}): Instance {
  const completedAtMs = tookMs === null ? null : startedAtMs + tookMs
  return { process: 'p', startedAtMs, completedAtMs, hasIncident: false, ...change }
}

function observation(
  change: Partial<Observation> = {},
  unit: 'requests' | 'tokens' = 'requests',
): Observation {
  const plan = {
    ...{ workers: 1, seconds: 10, warmUpSeconds: 0, callSeconds: 1, standIn: {}, loads: [], lanes: {} },
    quota: { model: 'm', unit, grants: [{ atSeconds: 0, perMinute: 60 }] },
  }
  return {
    ...{
      plan,
      names,
      startedAtMs: 0,
      changedAtMs: [],
      calls: [],
      instances: [],
      cpuSeconds: null,
      seenUntilMs: 10_000,
    },
    window: { fromMs: 0, toMs: 10_000 },
    grants: [{ atMs: 0, perMinute: 60 }],
    ...change,
  }
}

const scenario: Scenario = {
  ...{ name: 's', title: 's', goals: [], shown: [] },
  plan: () => observation().plan,
}

describe('the figures of a run', () => {
  it('count answered calls of the scarce model by their time of arrival', () => {
    const calls = [
      call(-1),
      call(0),
      call(5_000, { status: 429, tokens: 0 }),
      call(6_000, { model: 'other' }),
      call(9_999),
      call(10_000),
    ]
    expect(figuresOf(scenario, observation({ calls }))).toMatchObject({
      used: 0.2,
      throttled: 0.25,
      calls: 4,
    })
    expect(
      figuresOf(scenario, observation({ calls, grants: [{ atMs: 0, perMinute: 6_000 }] }, 'tokens')),
    ).toMatchObject({ used: 0.1 })
  })

  it('count instances over the whole run', () => {
    const instances = [
      instance(0, 500),
      instance(0, null, { hasIncident: true }),
      instance(9_000, null),
      instance(9_500, 90_000),
    ]
    expect(figuresOf(scenario, observation({ instances }))).toMatchObject({
      ...{ created: 4, completed: 2, unfinished: 2, incidents: 1 },
      ...{ throttled: null, used: 0 },
    })
  })
})

describe('latencies', () => {
  const instances = [
    instance(0, 100),
    instance(999, 200),
    instance(1_000, 300),
    instance(1_500, null),
    instance(1_600, 400, { process: 'other' }),
  ]

  it('cover the instances that started in a window, whenever they ended', () => {
    const seen = observation({ instances })
    expect(latencies(seen, 'p', { fromMs: 0, toMs: 1_000 })).toEqual([100, 200])
  })

  it('of an instance that has not completed are its age at the end of the run', () => {
    const seen = observation({ instances, seenUntilMs: 60_000 })
    expect(latencies(seen, 'p', { fromMs: 1_000, toMs: 2_000 })).toEqual([300, 58_500])
  })

  it('are compared by their p99; without one of them there is no ratio', () => {
    const seen = observation({ instances })
    const early = { fromMs: 0, toMs: 1_000 }
    expect(compareP99(seen, 'p', early, { fromMs: 1_000, toMs: 1_400 })).toEqual({
      ...{ p99BeforeMs: 200, p99DuringMs: 300, p99Ratio: 1.5 },
    })
    expect(compareP99(seen, 'p', early, { fromMs: 5_000, toMs: 6_000 })).toMatchObject({ p99Ratio: null })
  })
})

it('answered calls are grouped by the first word of their prompts', () => {
  const calls = [
    call(1, { mark: 'heavy' }),
    call(2, { mark: 'light' }),
    call(3, { mark: 'heavy', status: 429 }),
  ]
  expect(arrivalsOf(calls, 'heavy')).toEqual([1])
})
