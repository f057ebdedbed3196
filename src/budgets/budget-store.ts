// What is spent of budgets, shared by all workers: a counter for each budget and period, and beside it the holds of running calls. Each
// has a slot of its own. Periods are by the clock of Redis: a script refuses a period that is not the current one, and returns the time.

import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { together } from '../redis/together.ts'
import type { Period, Verdict } from './budget.ts'
import { holdName, holdNames, makeDeadHolds } from './dead-holds.ts'

/** An amount asked of a budget, in the budget's unit. */
interface BudgetAsked {
  readonly id: string
  /** The budget's period at a time (ms since the epoch). */
  readonly periodAt: (nowMs: number) => Period
  /** Null for no limit: the amount is only counted. */
  readonly limit: number | null
  readonly amount: number
  /** What the call counts if it was sent and its worker died before it could settle. */
  readonly least: number
}

/** A part of a budget that is held until it is settled, or lapses. */
export interface BudgetHold {
  readonly id: string
  readonly period: Period
  readonly name: string
  /** Its name after its call may have been sent. */
  readonly sentName: string
  /** By the clock of Redis, ms. */
  readonly lapsesMs: number
}

/** A budget's counters and its answer. */
export interface BudgetAnswer {
  readonly verdict: Verdict
  readonly period: Period
  readonly nowMs: number
  readonly spent: number
  /** Null if nothing was granted, or if this was only a look. */
  readonly hold: BudgetHold | null
}

/** A call that ended. */
interface BudgetSettlement {
  readonly hold: BudgetHold
  /** Its real cost. */
  readonly amount: number
  readonly limit: number
}

interface BudgetSettled {
  readonly spent: number
  /** The share of the limit, in percent, that this call was the first to pass; 0 for none. */
  readonly passed: 0 | 80 | 100
}

export interface BudgetStore {
  /**
   * Asks several budgets at once; each answers independently.
   * @param name unique name of the hold; null to look only
   */
  reserve(asked: readonly BudgetAsked[], name: string | null): Promise<readonly BudgetAnswer[]>
  /** Marks holds before their calls are sent: if the worker dies, their least cost counts. Safe to repeat. */
  send(holds: readonly BudgetHold[]): Promise<void>
  /** Safe to repeat. */
  settle(settlements: readonly BudgetSettlement[]): Promise<readonly BudgetSettled[]>
}

/** Counters are kept a day longer, for calls that end after their period, and for people. */
const KEPT_MS = 24 * 3_600_000
/** Corrections of the clock: one after the first guess, one more if a period ends just then. */
const TRIES = 4

interface BudgetStoreOptions {
  /** When an unsettled hold lapses, ms. Must be longer than any call. */
  readonly holdMs: number
  /** The holding worker: when it is dead, others release its holds. @default '' for none */
  readonly worker?: string
}

export function makeBudgetStore(
  redis: RedisClient,
  keys: Keys,
  { holdMs, worker = '' }: BudgetStoreOptions,
): BudgetStore {
  const script = loadScripts(redis, import.meta.url, {
    'reserve-budget': 2,
    'send-budget': 1,
    'settle-budget': 2,
  })
  const keysOf = (id: string, { label }: Period) => [keys.budget(id, label), keys.budgetHolds(id, label)]
  const dead = makeDeadHolds(redis, keys, worker)
  // How far the clock of Redis is ahead of ours.
  let aheadMs = 0
  const ask = async (asked: readonly BudgetAsked[], name: string | null): Promise<readonly Reply[]> => {
    const requests = asked.map((one) => ({ ...one, period: one.periodAt(Date.now() + aheadMs) }))
    const commands = requests.map(({ id, period, limit, amount }) => {
      const { startMs, endMs } = period
      // As text, since a hold's name contains it: the client would format a number in its own way.
      const terms = [startMs, endMs, limit ?? '', `${amount}`, name ?? '', holdMs, KEPT_MS]
      return (on: object) => script('reserve-budget', on)(...keysOf(id, period), ...terms)
    })
    const replies = await together(redis, commands)
    return requests.map(({ id, period, amount, least }, index) => {
      const [verdict, nowMs, spent] = replies[index] as [Verdict | 'moved', number, number]
      aheadMs = nowMs - Date.now()
      const given = verdict === 'go' && name !== null
      const hold = given
        ? { id, period, ...holdNames(name, { amount, least }), lapsesMs: nowMs + holdMs }
        : null
      return { verdict, period, nowMs, spent, hold }
    })
  }
  const inPeriod = async (asked: readonly BudgetAsked[], name: string | null) => {
    const answers = new Map<BudgetAsked, BudgetAnswer>()
    let open = asked
    for (let tries = 0; open.length > 0; tries += 1) {
      if (tries === TRIES)
        throw new Error('The clock of Redis jumps: no period of a budget is the present one')
      for (const [index, { verdict, ...answer }] of (await ask(open, name)).entries()) {
        const one = open[index]
        if (one !== undefined && verdict !== 'moved') answers.set(one, { verdict, ...answer })
      }
      open = open.filter((one) => !answers.has(one))
    }
    return answers
  }
  return {
    async reserve(asked, call) {
      const name = call === null ? null : holdName(worker, call)
      const answers = await inPeriod(asked, name)
      for (const [one, { verdict, period }] of answers) {
        // The job may wait for a dead worker's holds. The cost of that worker's calls counts even if no job waits.
        const waits = verdict === 'later'
        if (!(await dead.release({ id: one.id, period }, waits)) || !waits) continue
        for (const [again, answer] of await inPeriod([one], name)) answers.set(again, answer)
      }
      return asked.flatMap((one) => answers.get(one) ?? [])
    },
    async send(holds) {
      const commands = holds.map(({ id, period, name, sentName }) => {
        return (on: object) => script('send-budget', on)(keys.budgetHolds(id, period.label), name, sentName)
      })
      await together(redis, commands)
    },
    async settle(settlements) {
      const commands = settlements.map(({ hold, amount, limit }) => {
        const { id, period, name, sentName, lapsesMs } = hold
        const terms = [name, sentName, lapsesMs, amount, limit, period.endMs, KEPT_MS]
        return (on: object) => script('settle-budget', on)(...keysOf(id, period), ...terms)
      })
      return (await together(redis, commands)).map((reply) => {
        const [spent, , passed] = reply as [number, number, BudgetSettled['passed']]
        return { spent, passed }
      })
    },
  }
}

type Reply = Omit<BudgetAnswer, 'verdict'> & { readonly verdict: Verdict | 'moved' }
