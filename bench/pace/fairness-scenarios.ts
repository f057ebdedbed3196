// Scenarios with several parties: lanes beside each other, processes that share a lane, a region that replaces another.
import type { Figures } from '../report/figure.ts'
import { percentile } from '../report/statistics.ts'
import { arrivalsOf, compareP99, latencies } from './figures.ts'
import { ratiosByWindow } from './measures.ts'
import { askers } from './quota-scenarios.ts'
import type { Observation, Scenario } from './scenario.ts'

const REGION = 'eu-west-1'
const OTHER_REGION = 'us-east-1'
const LATENCY = { kind: 'fixed', ms: 500 } as const
const SHOWN = ['created', 'completed', 'calls', 'cpuSeconds']

/** Warm-up: starts and first calls of the workers are not compared. */
const WARM_UP_MS = 3_000

const starved: Scenario = {
  name: 'starved',
  title: 'a lane of 10 jobs a second, first alone, then beside one that gets 20 and is granted 1; 3 workers',
  plan(scale, names) {
    const half = scale === 'full' ? 25 : 7
    const free = names.model('free')
    const scarce = names.model('scarce')
    const quotas = [
      { model: free, requestsPerMinute: 1_200 },
      { model: scarce, requestsPerMinute: 60 },
    ]
    return {
      workers: 3,
      seconds: 2 * half,
      warmUpSeconds: 0,
      callSeconds: 2,
      standIn: { quotas, latency: LATENCY },
      loads: [
        // Some instances start before the first call, at which the time of the run starts.
        { ...askers(names, free, (2 * half + 5) * 10), perSecond: 10 },
        // Not at once: creating them would slow down the engine for the free lane, too.
        {
          ...askers(names, scarce, half * 20),
          process: names.process('starved'),
          fromSeconds: half,
          perSecond: 20,
        },
      ],
      lanes: { quotas },
    }
  },
  figures: (seen) => {
    const middle = seen.startedAtMs + (seen.plan.seconds * 1_000) / 2
    // Instances of the last second have had no time to complete.
    const end = seen.startedAtMs + (seen.plan.seconds - 1) * 1_000
    return compareP99(
      seen,
      seen.names.process('asker'),
      { fromMs: seen.startedAtMs + WARM_UP_MS, toMs: middle },
      { fromMs: middle, toMs: end },
    )
  },
  goals: [{ figure: 'p99Ratio', atMost: 1.15 }],
  shown: ['p99BeforeMs', 'p99DuringMs', 'throttled', 'incidents', ...SHOWN],
}

const WEIGHTS = { heavy: 3, light: 1 } as const
const SHARE_WINDOW_MS = 30_000

const weights: Scenario = {
  name: 'weights',
  title: 'two processes with weights 3 and 1 and a backlog each, 600 requests a minute; 3 workers',
  plan(scale, names) {
    const seconds = scale === 'full' ? 50 : 14
    const model = names.model('bench')
    const load = askers(names, model, seconds * 10)
    const loads = Object.keys(WEIGHTS).map((name) => ({
      ...load,
      process: names.process(name),
      // Created in turn, so that neither process comes first.
      perSecond: 60,
      question: (index: number) => ({ ...load.question(index), prompt: `${name} What is the answer?` }),
    }))
    const quotas = [{ model, requestsPerMinute: 600 }]
    return {
      workers: 3,
      seconds,
      warmUpSeconds: 8,
      callSeconds: 2,
      standIn: { quotas, latency: LATENCY, recordBodies: true },
      loads,
      lanes: {
        quotas,
        weights: Object.entries(WEIGHTS).map(([name, weight]) => ({ process: names.process(name), weight })),
      },
      quota: { model, unit: 'requests', grants: [{ atSeconds: 0, perMinute: 600 }] },
    }
  },
  figures: (seen) => ratios(seen),
  goals: [
    { figure: 'ratioLow', atLeast: 3 * 0.95 },
    { figure: 'ratioHigh', atMost: 3 * 1.05 },
  ],
  shown: ['used', 'throttled', 'incidents', ...SHOWN],
}

function ratios({ calls, window }: Observation): Figures {
  const each = ratiosByWindow(
    arrivalsOf(calls, 'heavy'),
    arrivalsOf(calls, 'light'),
    window,
    SHARE_WINDOW_MS,
  ).filter(Number.isFinite)
  return { ratioLow: percentile(each, 0), ratioHigh: percentile(each, 1) }
}

/** Time after the failure that is shown separately: its instances still wait for their region. */
const STRUCK_MS = 10_000

const region: Scenario = {
  name: 'region',
  title:
    'a region that answers 503 from mid-run, with a route to another after 2 s; 5 jobs a second; 3 workers',
  plan(scale, names) {
    const half = scale === 'full' ? 20 : 7
    const model = names.model('bench')
    const regions = [REGION, OTHER_REGION]
    const seconds = scale === 'full' ? 2 * half : 3 * half
    return {
      workers: 3,
      seconds,
      warmUpSeconds: 0,
      callSeconds: 2,
      drains: true,
      standIn: {
        quotas: regions.map((name) => ({ region: name, model, requestsPerMinute: 600 })),
        latency: LATENCY,
      },
      changes: [{ atSeconds: half, settings: { faults: [{ region: REGION, fault: 'unavailable' }] } }],
      loads: [{ ...askers(names, model, seconds * 5), perSecond: 5 }],
      lanes: {
        quotas: regions.map((name) => ({ region: name, model, requestsPerMinute: 600 })),
        routes: [{ model, region: REGION, spillAfter: 'PT2S', to: [{ region: OTHER_REGION }] }],
      },
    }
  },
  figures: (seen) => {
    const { startedAtMs, changedAtMs, names } = seen
    const process = names.process('asker')
    const failedAtMs = changedAtMs[0] ?? Number.POSITIVE_INFINITY
    const calmAtMs = failedAtMs + STRUCK_MS
    const struck = latencies(seen, process, { fromMs: failedAtMs, toMs: calmAtMs })
    return {
      ...compareP99(
        seen,
        process,
        { fromMs: startedAtMs + WARM_UP_MS, toMs: failedAtMs },
        { fromMs: calmAtMs, toMs: Number.POSITIVE_INFINITY },
      ),
      p99StruckMs: percentile(struck, 0.99),
    }
  },
  goals: [
    { figure: 'unfinished', atMost: 0 },
    { figure: 'p99Ratio', atMost: 1.5 },
  ],
  shown: ['p99BeforeMs', 'p99DuringMs', 'p99StruckMs', 'incidents', ...SHOWN],
}

export const FAIRNESS_SCENARIOS: readonly Scenario[] = [starved, weights, region]
