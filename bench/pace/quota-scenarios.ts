// Scenarios of one scarce quota: known, unknown, changing, of tokens; fast and slow models; a burst.
import type { Figures } from '../report/figure.ts'
import { percentile } from '../report/statistics.ts'
import type { Load } from '../rig/instances.ts'
import { quotaUses } from './figures.ts'
import { secondsToRecover } from './measures.ts'
import type { Names, Observation, Plan, Scale, Scenario } from './scenario.ts'

const REGION = 'eu-west-1'
const MODEL_MS = 500
const CALL_SECONDS = 2

/** Instances that ask a small question of a model. */
export function askers(names: Names, model: string, count: number): Load {
  const question = { region: REGION, model, prompt: 'asker What is the answer?', maxTokens: 20 }
  return { process: names.process('asker'), count, question: () => question }
}

/** More instances than the quota admits, so that a backlog remains to the end. */
function backlog(perMinute: number, seconds: number): number {
  return Math.ceil((perMinute / 60) * seconds * 1.1) + 30
}

const KNOWN_GOALS = [
  { figure: 'used', atLeast: 0.97 },
  { figure: 'throttled', atMost: 0.005 },
  { figure: 'incidents', atMost: 0 },
]
const SHOWN = ['created', 'completed', 'calls', 'windowSeconds', 'cpuSeconds']

interface Requests {
  readonly workers: number
  readonly perMinute: number
  readonly seconds: number
  readonly modelMs: number
}

function requestsPlan(names: Names, { workers, perMinute, seconds, modelMs }: Requests): Plan {
  const model = names.model('bench')
  return {
    workers,
    seconds,
    warmUpSeconds: 3,
    callSeconds: modelMs / 1_000 + 1,
    standIn: {
      quotas: [{ model, requestsPerMinute: perMinute }],
      latency: { kind: 'fixed', ms: modelMs },
    },
    loads: [askers(names, model, backlog(perMinute, seconds))],
    lanes: { quotas: [{ model, requestsPerMinute: perMinute }] },
    quota: { model, unit: 'requests', grants: [{ atSeconds: 0, perMinute }] },
  }
}

function known(workers: number): Scenario {
  return {
    name: `known-${workers}`,
    title: `600 requests a minute, known to Quarry; ${workers} worker${workers > 1 ? 's' : ''}`,
    plan(scale, names) {
      const seconds = scale === 'quick' ? 7 : workers === 1 ? 30 : 40
      return requestsPlan(names, { workers, perMinute: 600, seconds, modelMs: MODEL_MS })
    },
    goals: workers === 1 ? [] : KNOWN_GOALS,
    shown: workers === 1 ? ['used', 'throttled', 'incidents', ...SHOWN] : SHOWN,
  }
}

const unknown: Scenario = {
  name: 'unknown',
  title: '600 requests a minute, known to no contender; 3 workers',
  plan(scale, names) {
    const seconds = scale === 'full' ? 50 : 7
    const plan = requestsPlan(names, { workers: 3, perMinute: 600, seconds, modelMs: MODEL_MS })
    return { ...plan, warmUpSeconds: 0, lanes: {} }
  },
  goals: [
    { figure: 'used', atLeast: 0.9 },
    { figure: 'throttled', atMost: 0.03 },
    { figure: 'incidents', atMost: 0 },
  ],
  shown: SHOWN,
}

const STEPS = [600, 200, 900] as const

const steps: Scenario = {
  name: 'steps',
  title: '600, then 200, then 900 requests a minute, known to no contender; 3 workers',
  plan(scale, names) {
    const each = scale === 'full' ? 30 : 6
    const model = names.model('bench')
    const quotas = (requestsPerMinute: number) => ({ quotas: [{ model, requestsPerMinute }] })
    const count = STEPS.reduce((sum, perMinute) => sum + backlog(perMinute, each), 0)
    const [first, ...later] = STEPS
    return {
      workers: 3,
      seconds: STEPS.length * each,
      warmUpSeconds: 0,
      callSeconds: CALL_SECONDS,
      standIn: { ...quotas(first), latency: { kind: 'fixed', ms: MODEL_MS } },
      changes: later.map((perMinute, index) => ({
        atSeconds: (index + 1) * each,
        settings: quotas(perMinute),
      })),
      loads: [askers(names, model, count)],
      lanes: {},
      quota: {
        model,
        unit: 'requests',
        grants: STEPS.map((perMinute, index) => ({ atSeconds: index * each, perMinute })),
      },
    }
  },
  figures: (seen) => ({ recoverySeconds: slowestRecovery(seen) }),
  goals: [
    { figure: 'used', atLeast: 0.88 },
    { figure: 'throttled', atMost: 0.04 },
    { figure: 'recoverySeconds', atMost: 15 },
  ],
  shown: ['incidents', ...SHOWN],
}

/** The longest recovery time of all changes; null if one of them has none. */
function slowestRecovery(seen: Observation): number | null {
  const { grants, window } = seen
  const uses = quotaUses(seen)
  const recoveries = grants.slice(1).map((grant, index) => {
    // Changes after the end of the work do not limit a recovery.
    const untilMs = Math.min(grants[index + 2]?.atMs ?? window.toMs, window.toMs)
    return secondsToRecover({ uses, grant, untilMs, share: 0.9, forSeconds: 5 })
  })
  return recoveries.includes(null)
    ? null
    : percentile(
        recoveries.filter((value) => value !== null),
        1,
      )
}

/** Prompt characters (four are a token) and output tokens asked for; half of those are used (`sized-50`). */
const SIZES = [
  { characters: 200, maxTokens: 100 },
  { characters: 2_000, maxTokens: 400 },
  { characters: 8_000, maxTokens: 1_000 },
] as const
const MEAN_TOKENS = 1_100

const tokens: Scenario = {
  name: 'tokens',
  title: '600,000 tokens a minute, known to Quarry; calls of 100, 700 and 2,500 tokens; 3 workers',
  plan(scale, names) {
    const seconds = scale === 'full' ? 40 : 7
    const perMinute = 600_000
    const model = names.model('sized-50')
    const load = askers(names, model, backlog(perMinute / MEAN_TOKENS, seconds))
    return {
      ...requestsPlan(names, { workers: 3, perMinute, seconds, modelMs: MODEL_MS }),
      standIn: {
        quotas: [{ model, tokensPerMinute: perMinute }],
        latency: { kind: 'fixed', ms: MODEL_MS },
      },
      loads: [{ ...load, question: (index) => ({ ...load.question(index), ...sizeOf(index) }) }],
      lanes: { quotas: [{ model, tokensPerMinute: perMinute }] },
      quota: { model, unit: 'tokens', grants: [{ atSeconds: 0, perMinute }] },
    }
  },
  goals: [
    { figure: 'used', atLeast: 0.93 },
    { figure: 'throttled', atMost: 0.01 },
  ],
  shown: ['incidents', ...SHOWN],
}

function sizeOf(index: number): { readonly prompt: string; readonly maxTokens: number } {
  const { characters, maxTokens } = SIZES[index % SIZES.length] ?? SIZES[0]
  return { prompt: 'word '.repeat(characters / 5), maxTokens }
}

function model(name: string, title: string, requests: (scale: Scale) => Omit<Requests, 'workers'>): Scenario {
  return {
    name,
    title,
    plan: (scale, names) => requestsPlan(names, { workers: 3, ...requests(scale) }),
    goals: KNOWN_GOALS,
    shown: SHOWN,
  }
}

const fast = model(
  'model-1s',
  'a model of 1 s, 600 requests a minute, known to Quarry; 3 workers',
  (scale) => ({
    perMinute: 600,
    seconds: scale === 'full' ? 20 : 7,
    modelMs: 1_000,
  }),
)

const slow = model(
  'model-30s',
  'a model of 30 s, 300 requests a minute, known to Quarry; 3 workers',
  (scale) => ({
    perMinute: 300,
    seconds: scale === 'full' ? 25 : 7,
    modelMs: scale === 'full' ? 30_000 : 5_000,
  }),
)

const burst: Scenario = {
  name: 'burst',
  title: '5,000 jobs at once, 3,600 requests a minute, known to Quarry; 3 workers',
  plan(scale, names) {
    const count = scale === 'full' ? 5_000 : 500
    const seconds = Math.ceil(count / 60)
    const plan = requestsPlan(names, { workers: 3, perMinute: 3_600, seconds, modelMs: MODEL_MS })
    return { ...plan, drains: true, loads: plan.loads.map((load) => ({ ...load, count })) }
  },
  figures: untilLastEnd,
  goals: [...KNOWN_GOALS, { figure: 'unfinished', atMost: 0 }],
  shown: ['lastEndSeconds', ...SHOWN],
}

function untilLastEnd({ instances }: Observation): Figures {
  const begin = Math.min(...instances.map(({ startedAtMs }) => startedAtMs))
  const ends = instances.flatMap(({ completedAtMs }) => completedAtMs ?? [])
  return { lastEndSeconds: ends.length === 0 ? null : (Math.max(...ends) - begin) / 1_000 }
}

/** The load that the stock connector was measured with: `bench/results/stock-connector.json`. */
const stock: Scenario = {
  name: 'stock',
  title:
    'the load of the stock connector: 300 jobs at once, a model of 1 s, 600 requests a minute, known to no contender; 1 worker',
  plan(scale, names) {
    const count = scale === 'full' ? 300 : 60
    const plan = requestsPlan(names, { workers: 1, perMinute: 600, seconds: count / 10, modelMs: 1_000 })
    return {
      ...plan,
      warmUpSeconds: 0,
      drains: true,
      lanes: {},
      loads: plan.loads.map((load) => ({ ...load, count })),
    }
  },
  figures: (seen) => ({
    throttledCalls: seen.calls.filter(({ status }) => status === 429).length,
    ...untilLastEnd(seen),
  }),
  goals: [
    { figure: 'incidents', atMost: 0 },
    { figure: 'unfinished', atMost: 0 },
  ],
  shown: ['throttledCalls', 'lastEndSeconds', ...SHOWN],
}

export const QUOTA_SCENARIOS: readonly Scenario[] = [
  ...[1, 3, 8].map(known),
  unknown,
  steps,
  tokens,
  fast,
  slow,
  burst,
  stock,
]
