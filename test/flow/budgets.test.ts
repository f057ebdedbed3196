// Budgets on a real Redis: what several workers may spend together, whatever becomes of them.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { type CallEstimate, periodAt } from '../../src/budgets/budget.ts'
import { makeBudgetStore } from '../../src/budgets/budget-store.ts'
import {
  type Admission,
  type BudgetParts,
  type Budgets,
  type Hold,
  makeBudgets,
} from '../../src/budgets/budgets.ts'
import { makePrices } from '../../src/budgets/model-prices.ts'
import { budgetOutcome } from '../../src/execute/budget-outcome.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import type { BudgetRule } from '../../src/rules/lane-rules.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { verdict } from '../budgets/model/budget.ts'

const prefix = `test-${process.pid}-${Date.now()}`
const lane = { account: 'default', region: 'eu-west-1', model: 'anthropic.claude-sonnet-4-5-20250929-v1:0' }
const job = { tenantId: 'gold', bpmnProcessId: 'order' }
const HOLD_MS = 600_000
const connect = () =>
  connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
let redis: ReturnType<typeof connectRedis>
let other: ReturnType<typeof connectRedis>
let keys: Keys
let count = 0

beforeAll(() => {
  redis = connect()
  other = connect()
  keys = makeKeys(prefix)
})
afterAll(() => Promise.all([redis && closeRedis(redis), other && closeRedis(other)]))
afterEach(() => vi.useRealTimers())

/** A budget of a month: none of these tests takes so long that it ends. */
function ruleOf(action: BudgetRule['action'], rest: Partial<BudgetRule> = {}): BudgetRule {
  count += 1
  const amount = rest.usd === undefined ? { tokens: 1_000 } : {}
  return { name: `budget-${count}`, period: 'month', action, ...amount, ...rest }
}

type Told = {
  readonly spent: QuarryEvents['budgetSpent'][0][]
  readonly passed: QuarryEvents['budgetPassed'][0][]
  readonly unpriced: string[]
}

/** A call has a name of its own where a test gives none. */
interface Worker extends Budgets {
  admit(spender: typeof job, where: typeof lane, most: CallEstimate, call?: string): Promise<Admission>
}

function worker(
  rules: () => readonly BudgetRule[],
  {
    on = redis,
    holdMs = HOLD_MS,
    ...more
  }: { on?: typeof redis; holdMs?: number } & Partial<Pick<BudgetParts, 'profiles' | 'unpriced'>> = {},
): Worker & Told {
  const events = makeEvents()
  const told: Told = { spent: [], passed: [], unpriced: [] }
  events.on('budgetSpent', (data) => told.spent.push(data))
  events.on('budgetPassed', (data) => told.passed.push(data))
  events.on('budgetUnpriced', ({ model }) => told.unpriced.push(model))
  const store = makeBudgetStore(on, keys, { holdMs })
  const budgets = makeBudgets({ rules, store, prices: makePrices(), events, random: Math.random, ...more })
  return {
    ...{ ...told, ...budgets },
    admit: (spender, where, most, call = randomUUID()) => budgets.admit(spender, where, most, call),
  }
}

const holdsOf = (id: string) => keys.budgetHolds(id, periodAt('month', Date.now()).label)
const estimate = (tokens: number) => ({ inputTokens: 0, maxTokens: tokens })
const output = (tokens: number) => ({ ...NO_USAGE, output: tokens })

function held(admission: Admission): Hold {
  if (admission.kind !== 'admitted') throw new Error(`It is told to ${admission.kind}`)
  return admission.hold
}

async function spend(budgets: Worker, tokens: number): Promise<void> {
  await budgets.settle(held(await budgets.admit(job, lane, estimate(tokens))), output(tokens))
}

describe('a budget', () => {
  it('limits all workers together, however many ask at once', async () => {
    const rule = ruleOf('wait')
    const workers = [worker(() => [rule]), worker(() => [rule], { on: other })]
    const asked = Array.from({ length: 60 }, (_, index) => workers[index % 2]?.admit(job, lane, estimate(90)))
    const answers = await Promise.all(asked)
    expect(answers.filter((answer) => answer?.kind === 'admitted')).toHaveLength(11)
    expect(answers.find((answer) => answer?.kind !== 'admitted')).toMatchObject({
      kind: 'wait',
      budget: rule.name,
      usedUp: null,
    })
  })

  it('counts what a call really used, and gives back the rest', async () => {
    const rule = ruleOf('wait')
    const budgets = worker(() => [rule])
    const hold = held(await budgets.admit(job, lane, estimate(900)))
    expect((await budgets.admit(job, lane, estimate(200))).kind).toBe('wait')
    await budgets.settle(hold, { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 })
    expect(budgets.spent.at(-1)).toMatchObject({ spent: 10, limit: 1_000, unit: 'tokens' })
    expect((await budgets.admit(job, lane, estimate(990))).kind).toBe('admitted')
  })

  it('counts a call once when its settlement is repeated after a lost reply', async () => {
    const rule = ruleOf('wait')
    const budgets = worker(() => [rule])
    const hold = held(await budgets.admit(job, lane, estimate(100)))
    await budgets.settle(hold, output(70))
    await budgets.settle(hold, output(70))
    expect(budgets.spent.at(-1)?.spent).toBe(70)
  })

  it('holds an amount once for a call that asks twice, as after an error of another budget', async () => {
    const rule = ruleOf('wait')
    const budgets = worker(() => [rule])
    await budgets.admit(job, lane, estimate(600), 'one')
    await budgets.admit(job, lane, estimate(600), 'one')
    expect((await budgets.admit(job, lane, estimate(400))).kind).toBe('admitted')
    expect((await budgets.admit(job, lane, estimate(1))).kind).toBe('wait')
  })

  it('is exact in dollars', async () => {
    const rule = ruleOf('wait', { usd: 1 })
    const budgets = worker(() => [rule])
    for (let call = 0; call < 10; call += 1) await spend(budgets, 100)
    // 100 output tokens at 15 dollars a million.
    expect(budgets.spent.at(-1)).toMatchObject({ unit: 'microUsd', spent: 15_000, limit: 1_000_000 })
  })

  it('counts the price of the model that was called when a route led to another', async () => {
    const rule = ruleOf('wait', { usd: 1 })
    const budgets = worker(() => [rule])
    const hold = held(await budgets.admit(job, lane, estimate(100)))
    await budgets.settle(hold, output(100), 'amazon.nova-pro-v1:0')
    expect(budgets.spent.at(-1)?.spent).toBe(320)
  })

  it('gets back what a dead worker held', async () => {
    const rule = ruleOf('wait')
    await worker(() => [rule], { holdMs: 1 }).admit(job, lane, estimate(1_000))
    const budgets = worker(() => [rule])
    await expect
      .poll(async () => (await budgets.admit(job, lane, estimate(1_000))).kind, { timeout: 60_000 })
      .toBe('admitted')
  })

  it('counts a call that took longer than its hold lasts', async () => {
    const rule = ruleOf('wait')
    const slow = worker(() => [rule], { holdMs: 1 })
    const hold = held(await slow.admit(job, lane, estimate(1_000)))
    const budgets = worker(() => [rule])
    await expect
      .poll(async () => (await budgets.admit(job, lane, estimate(1_000))).kind, { timeout: 60_000 })
      .toBe('admitted')
    await slow.settle(hold, output(300))
    expect(slow.spent.at(-1)?.spent).toBe(300)
  })

  it('by tenant has a separate counter for each tenant', async () => {
    const rule = ruleOf('wait', { per: 'tenant' })
    const budgets = worker(() => [rule])
    await spend(budgets, 1_000)
    expect((await budgets.check(job, lane))?.kind).toBe('wait')
    expect(await budgets.check({ ...job, tenantId: 'silver' }, lane)).toBeNull()
  })

  it('that admits a job holds nothing while another budget refuses it', async () => {
    const [wide, narrow] = [ruleOf('wait'), ruleOf('wait', { tokens: 10 })]
    const both = worker(() => [wide, narrow])
    await spend(both, 10)
    expect((await both.admit(job, lane, estimate(500))).kind).toBe('wait')
    expect((await worker(() => [wide]).admit(job, lane, estimate(990))).kind).toBe('admitted')
  })

  it('applies as soon as it is changed', async () => {
    let rules = [ruleOf('wait')]
    const budgets = worker(() => rules)
    await spend(budgets, 1_000)
    expect(await budgets.check(job, lane)).not.toBeNull()
    rules = rules.map((rule) => ({ ...rule, tokens: 2_000 }))
    expect(await budgets.check(job, lane)).toBeNull()
    rules = []
    expect(held(await budgets.admit(job, lane, estimate(1e9))).parts).toEqual([])
  })
})

describe('a budget that is used up', () => {
  it('makes a job wait for the next period, and tries it again in between', async () => {
    const rule = ruleOf('wait')
    const budgets = worker(() => [rule])
    await spend(budgets, 1_000)
    for (const refusal of [await budgets.check(job, lane), await budgets.admit(job, lane, estimate(1))]) {
      if (refusal?.kind !== 'wait') throw new Error('It does not wait')
      expect(refusal.budget).toBe(rule.name)
      expect(refusal.delayMs).toBeGreaterThan(0)
      expect(refusal.delayMs).toBeLessThanOrEqual(60_000)
      expect(refusal.usedUp?.untilMs).toBe(periodAt('month', Date.now()).endMs)
    }
  })

  it('is checked at most ten times a second by a worker, however many jobs wait', async () => {
    const rules = [ruleOf('wait', { per: 'tenant', tokens: 0 })]
    const budgets = worker(() => rules)
    const delays = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const refusal = await budgets.check({ ...job, tenantId: `tenant-${index % 50}` }, lane)
        return refusal?.kind === 'wait' ? refusal.delayMs : 0
      }),
    )
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(30_000)
    expect(Math.max(...delays)).toBeGreaterThan(100_000)
    expect(Math.max(...delays)).toBeLessThanOrEqual(600_000)
  })

  it('ends a job with a BPMN error that names the amount, the limit, and the end of the period', async () => {
    const rule = ruleOf('fail', { per: 'tenant' })
    const budgets = worker(() => [ruleOf('wait', { tokens: 1 }), rule])
    await spend(budgets, 1_200)
    const refusal = await budgets.check(job, lane)
    if (refusal?.kind !== 'fail') throw new Error('It does not fail')
    const { outcome } = budgetOutcome(refusal)
    if (outcome.kind !== 'bpmnError') throw new Error(`It is ${outcome.kind}`)
    expect(outcome.errorCode).toBe('QUARRY_BUDGET_EXCEEDED')
    expect(outcome.errorMessage).toMatch(
      /^The budget budget-\d+ of tenant gold is used up: 1,200 tokens of 1,000 tokens were spent in this month\. It begins anew at \d{4}-\d\d-01T00:00:00Z\./,
    )
    expect(JSON.parse(outcome.variables)).toEqual({
      error: { code: outcome.errorCode, message: outcome.errorMessage },
    })
  })

  it('ends a job with the operator’s error code', async () => {
    const budgets = worker(() => [ruleOf('fail', { tokens: 0, errorCode: 'NO_MONEY' })])
    const refusal = await budgets.check(job, lane)
    expect(refusal?.kind === 'fail' && budgetOutcome(refusal).outcome).toMatchObject({
      errorCode: 'NO_MONEY',
    })
  })

  it('only warns if the operator chose that', async () => {
    const rule = ruleOf('alert')
    const budgets = worker(() => [rule])
    for (let call = 0; call < 4; call += 1) await spend(budgets, 500)
    expect(await budgets.check(job, lane)).toBeNull()
    expect(budgets.passed.map(({ percent, spent }) => [percent, spent])).toEqual([[100, 1_000]])
  })

  it('fails no job while running calls may still give back what they hold', async () => {
    const rule = ruleOf('fail')
    const budgets = worker(() => [rule])
    const hold = held(await budgets.admit(job, lane, estimate(1_000)))
    expect((await budgets.admit(job, lane, estimate(1))).kind).toBe('wait')
    await budgets.settle(hold, NO_USAGE)
    expect((await budgets.admit(job, lane, estimate(1))).kind).toBe('admitted')
  })
})

describe('the report of a budget', () => {
  it('gives its state, also from a worker that only saw it used up', async () => {
    const rule = ruleOf('wait')
    await spend(
      worker(() => [rule]),
      1_000,
    )
    const late = worker(() => [rule])
    await late.check(job, lane)
    expect(late.spent).toMatchObject([{ budget: rule.name, spent: 1_000, limit: 1_000 }])
  })

  it('announces 80 and 100 %, once for all workers', async () => {
    const rule = ruleOf('wait')
    const workers = [worker(() => [rule]), worker(() => [rule], { on: other })]
    const calls = Array.from({ length: 10 }, (_, index) => spend(workers[index % 2] as Worker, 100))
    await Promise.all(calls)
    const passed = workers.flatMap((one) => one.passed).map(({ percent }) => percent)
    expect(passed.sort((a, b) => a - b)).toEqual([80, 100])
  })

  it('is repeated for a limit that was raised', async () => {
    let rule = ruleOf('wait')
    const budgets = worker(() => [rule])
    await spend(budgets, 1_000)
    rule = { ...rule, tokens: 2_000 }
    await spend(budgets, 600)
    expect(budgets.passed.map(({ percent, limit }) => [percent, limit])).toEqual([
      [100, 1_000],
      [80, 2_000],
    ])
  })

  it('warns once of a model without a price, which counts as zero and is called', async () => {
    const rule = ruleOf('fail', { usd: 0.000001 })
    const budgets = worker(() => [rule])
    const unknown = { ...lane, model: 'a-model-of-tomorrow' }
    for (let call = 0; call < 3; call += 1)
      await budgets.settle(held(await budgets.admit(job, unknown, estimate(1e6))), output(1e6))
    expect(budgets.unpriced).toEqual([unknown.model])
    expect(budgets.spent.at(-1)?.spent).toBe(0)
  })
})

describe('a model without a price', () => {
  const profile = 'arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/hq2abc'
  const unknown = { ...lane, model: profile }

  it('is not called if the operator chose that, and other models are', async () => {
    const rule = ruleOf('alert', { usd: 100 })
    const budgets = worker(() => [rule], { unpriced: () => 'refuse' })
    const refused = { kind: 'unpriced', budget: rule.name, model: profile }
    expect(await budgets.check(job, unknown)).toEqual(refused)
    expect(await budgets.admit(job, unknown, estimate(1))).toEqual(refused)
    expect(budgets.unpriced).toEqual([profile])
    expect(await budgets.check(job, lane)).toBeNull()
    const inTokens = worker(() => [ruleOf('wait')], { unpriced: () => 'refuse' })
    expect(await inTokens.check(job, unknown)).toBeNull()
  })

  it('costs the operator’s price for such models', async () => {
    const budgets = worker(() => [ruleOf('wait', { usd: 100 })], {
      unpriced: () => ({ input: 15, output: 75 }),
    })
    await budgets.settle(held(await budgets.admit(job, unknown, estimate(100))), output(100))
    expect(budgets.spent.at(-1)?.spent).toBe(7_500)
  })

  it('has the price of the model behind it if the operator names that', async () => {
    const profiles = () => [{ profile: '*application-inference-profile/hq2*', model: lane.model }]
    const budgets = worker(() => [ruleOf('wait', { usd: 100 })], { profiles, unpriced: () => 'refuse' })
    await budgets.settle(held(await budgets.admit(job, unknown, estimate(100))), output(100))
    expect(budgets.spent.at(-1)?.spent).toBe(1_500)
    expect(budgets.unpriced).toEqual([])
  })

  it('counts as the model of its lane if a route led to it', async () => {
    const budgets = worker(() => [ruleOf('wait', { usd: 100 })])
    await budgets.settle(held(await budgets.admit(job, lane, estimate(100))), output(100), profile)
    expect(budgets.spent.at(-1)?.spent).toBe(1_500)
  })
})

it('a budget by process does not include another tenant’s process with the same id', async () => {
  const rule = ruleOf('wait', { per: 'process' })
  const budgets = worker(() => [rule])
  await spend(budgets, 1_000)
  const silver = { ...job, tenantId: 'silver' }
  expect((await budgets.admit(silver, lane, estimate(100))).kind).toBe('admitted')
  expect((await budgets.admit(job, lane, estimate(100))).kind).toBe('wait')
})

/** A worker that can die, and two that live. */
async function twoWorkers(id: string) {
  const month = (at: number) => periodAt('month', at)
  const makeStore = (worker: string) => makeBudgetStore(redis, keys, { holdMs: HOLD_MS, worker })
  const name = `host-${id}`
  await redis.set(keys.worker(name), '[]', 'PX', 60_000)
  await redis.set(keys.pulse, name, 'PX', 60_000)
  return {
    asked: { id, periodAt: month, limit: 100, amount: 80, least: 20 },
    budget: () => redis.hgetall(keys.budget(id, month(Date.now()).label)),
    dying: makeStore(name),
    living: makeStore('host-b'),
    other: makeStore('host-c'),
    die: () => redis.del(keys.worker(name)),
  }
}

describe('the counters', () => {
  it('follow Redis’s clock, not a worker’s', async () => {
    const rule = ruleOf('wait')
    await spend(
      worker(() => [rule]),
      1_000,
    )
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40 * 24 * 3_600_000 })
    expect((await worker(() => [rule]).check(job, lane))?.kind).toBe('wait')
  })

  it('expire some time after their period', async () => {
    const rule = ruleOf('wait')
    const budgets = worker(() => [rule])
    await spend(budgets, 10)
    await budgets.admit(job, lane, estimate(10))
    const now = Date.now()
    const { label, endMs } = periodAt('month', now)
    const day = 24 * 3_600_000
    const id = `${rule.name}/tokens`
    for (const key of [keys.budget(id, label), keys.budgetHolds(id, label)]) {
      const leftMs = await redis.pttl(key)
      expect(leftMs).toBeGreaterThan(day)
      expect(leftMs).toBeLessThanOrEqual(endMs - now + day)
    }
  })

  it('hold an amount once for a call that asks twice under one name after a lost reply', async () => {
    const store = makeBudgetStore(redis, keys, { holdMs: HOLD_MS })
    const asked = {
      id: 'twice',
      periodAt: (at: number) => periodAt('month', at),
      limit: 100,
      amount: 60,
      least: 0,
    }
    const [once] = await store.reserve([asked], 'a')
    const [again] = await store.reserve([asked], 'a')
    expect([once?.verdict, again?.verdict]).toEqual(['go', 'go'])
    expect((await store.reserve([{ ...asked, amount: 40 }], 'b'))[0]?.verdict).toBe('go')
    expect((await store.reserve([{ ...asked, amount: 1 }], 'c'))[0]?.verdict).toBe('later')
  })

  it('give back what a silent worker holds once a job waits for it, and count what it settles later', async () => {
    const { asked, budget, dying, living, die } = await twoWorkers('dead')
    const [given] = await dying.reserve([asked], 'a')
    expect((await living.reserve([asked], 'b'))[0]?.verdict).toBe('later')
    await die()
    // It looks again after five seconds.
    const verdict = async () => (await living.reserve([asked], 'b'))[0]?.verdict
    await expect.poll(verdict, { timeout: 20_000 }).toBe('go')
    expect(await budget()).toEqual({ held: '80' })
    if (!given?.hold) throw new Error('It is not held')
    const settlement = { hold: given.hold, amount: 30, limit: 100 }
    expect(await dying.settle([settlement])).toMatchObject([{ spent: 30 }])
    expect(await dying.settle([settlement])).toMatchObject([{ spent: 30 }])
    expect(await budget()).toMatchObject({ held: '80' })
  })

  it.each([[100], [null]])(
    'count the minimum of a call that a silent worker sent, once, and the real usage if it settles later (limit %s)',
    async (limit) => {
      const { asked, budget, dying, living, other, die } = await twoWorkers(`sent-${limit}`)
      const [sent, unsent] = await Promise.all(
        ['a', 'b'].map(async (call) => (await dying.reserve([{ ...asked, amount: 40 }], call))[0]?.hold),
      )
      if (!sent || !unsent) throw new Error('They are not held')
      await dying.send([sent])
      // Told twice, as when a reply was lost.
      await dying.send([sent])
      expect(await budget()).toEqual({ held: '80' })
      await die()
      // Nobody has to wait for it. Whoever looked a moment ago looks again later, another one at once.
      await living.reserve([{ ...asked, limit }], null)
      await other.reserve([{ ...asked, limit }], null)
      expect(await budget()).toEqual({ held: '0', spent: '20' })
      const settlements = [sent, unsent].map((hold) => ({ hold, amount: 33, limit: 100 }))
      expect(await dying.settle(settlements)).toMatchObject([{ spent: 33 }, { spent: 66 }])
      expect(await dying.settle(settlements)).toMatchObject([{ spent: 66 }, { spent: 66 }])
    },
  )

  it('count the minimum of a sent call whose hold expired, and the real usage if it is settled later', async () => {
    const store = makeBudgetStore(redis, keys, { holdMs: 1 })
    const asked = { id: 'lapsed', periodAt: (at: number) => periodAt('month', at), limit: 100 }
    const [given] = await store.reserve([{ ...asked, amount: 80, least: 20 }], 'a')
    if (!given?.hold) throw new Error('It is not held')
    await store.send([given.hold])
    const patient = makeBudgetStore(redis, keys, { holdMs: HOLD_MS })
    const look = async () => (await patient.reserve([{ ...asked, amount: 80, least: 0 }], null))[0]
    await expect.poll(look).toMatchObject({ verdict: 'go', spent: 20 })
    expect(await look()).toMatchObject({ spent: 20 })
    expect(await patient.settle([{ hold: given.hold, amount: 33, limit: 100 }])).toMatchObject([
      { spent: 33 },
    ])
    expect(await redis.hget(keys.budget('lapsed', given.period.label), 'held')).toBe('0')
  })

  it('stay compatible with workers of versions that counted nothing for dead workers', async () => {
    const { asked, budget, dying, living, die } = await twoWorkers('earlier')
    const [given] = await dying.reserve([asked], 'a')
    if (!given?.hold) throw new Error('It is not held')
    await dying.send([given.hold])
    const holds = keys.budgetHolds('earlier', given.period.label)
    // What such a version made of it when it gave it back.
    await redis.zrem(holds, given.hold.sentName)
    await redis.hincrby(keys.budget('earlier', given.period.label), 'held', -80)
    await redis.zadd(holds, given.hold.lapsesMs, `${given.hold.sentName}:0`)
    await die()
    await living.reserve([asked], null)
    expect(await budget()).toEqual({ held: '0' })
    expect(await dying.settle([{ hold: given.hold, amount: 33, limit: 100 }])).toMatchObject([{ spent: 33 }])
  })

  it('ignore a negative amount', async () => {
    const asked = {
      id: 'negative',
      periodAt: (at: number) => periodAt('month', at),
      limit: 100,
      amount: -60,
      least: 0,
    }
    const held = { ...asked, amount: 70 }
    const store = makeBudgetStore(redis, keys, { holdMs: HOLD_MS })
    await store.reserve([held], 'a')
    const [negative] = await store.reserve([asked], 'b')
    const room = () => store.reserve([{ ...asked, amount: 31 }], null)
    expect((await room())[0]?.verdict).toBe('later')
    if (!negative?.hold) throw new Error('It is not held')
    await store.settle([{ hold: negative.hold, amount: -60, limit: 100 }])
    expect((await room())[0]).toMatchObject({ verdict: 'later', spent: 0 })
    // And what lapses.
    await makeBudgetStore(redis, keys, { holdMs: 1 }).reserve([asked], 'c')
    const holds = async () => {
      await room()
      return redis.zcard(holdsOf('negative'))
    }
    await expect.poll(holds).toBe(1)
    expect((await room())[0]?.verdict).toBe('later')
  })

  it('limit an amount beyond the largest exact integer to that integer', async () => {
    const store = makeBudgetStore(redis, keys, { holdMs: HOLD_MS })
    const asked = {
      id: 'huge',
      periodAt: (at: number) => periodAt('month', at),
      limit: 100,
      amount: 1e21,
      least: 0,
    }
    const [huge] = await store.reserve([asked], 'a')
    if (!huge?.hold) throw new Error('It is not held')
    expect((await store.reserve([{ ...asked, amount: 1 }], 'b'))[0]?.verdict).toBe('later')
    await store.settle([{ hold: huge.hold, amount: 1e21, limit: 100 }])
    expect(await redis.hgetall(keys.budget('huge', huge.period.label))).toMatchObject({
      spent: `${Number.MAX_SAFE_INTEGER}`,
      held: '0',
    })
  })

  it('answer as the pure rule does, for any sequence of reservations and settlements', async () => {
    const store = makeBudgetStore(redis, keys, { holdMs: HOLD_MS })
    const steps = fc.array(fc.record({ amount: fc.nat(600), real: fc.nat(600), settles: fc.boolean() }), {
      maxLength: 25,
    })
    const month = (nowMs: number) => periodAt('month', nowMs)
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1_500 }), steps, async (limit, schedule) => {
        runs += 1
        const id = `model-${runs}`
        let spent = 0
        const running: { amount: number; hold: Parameters<typeof store.settle>[0][number]['hold'] }[] = []
        for (const [step, { amount, real, settles }] of schedule.entries()) {
          const ended = settles ? running.shift() : undefined
          if (ended !== undefined) {
            spent += real
            const [settled] = await store.settle([{ hold: ended.hold, amount: real, limit }])
            expect(settled?.spent).toBe(spent)
          }
          const holding = running.reduce((sum, call) => sum + call.amount, 0)
          const [answer] = await store.reserve(
            [{ id, periodAt: month, limit, amount, least: 0 }],
            `step-${step}`,
          )
          expect(answer).toMatchObject({ verdict: verdict({ spent, held: holding }, amount, limit), spent })
          if (answer?.hold) running.push({ amount, hold: answer.hold })
        }
      }),
      { numRuns: 40 },
    )
  })
})
