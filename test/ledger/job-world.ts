// A job in the world it lives in: Zeebe as its engine behaves, adapters, a lane, workers, reporters, each step of which
// may come at any time, twice, or not to its end. The state of the job itself is kept by what is under test.
import { expect } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import type { JobState } from '../../src/ledger/job-state.ts'
import type { JobMove, MoveReply } from './model/job-machine.ts'

/** Keeps the state of one job: the pure machine, or Redis. */
export interface JobKeeper {
  move(move: JobMove): Promise<MoveReply>
  state(): Promise<{ readonly state: JobState; readonly epoch: number; readonly lane: LaneName } | null>
}

/** One step of a schedule; `pick` chooses among what there is, `end` how far it goes. */
export interface Step {
  readonly do:
    | 'activate'
    | 'deliver'
    | 'start'
    | 'answer'
    | 'defer'
    | 'move'
    | 'die'
    | 'standStill'
    | 'report'
    | 'sweep'
    | 'wait'
    | 'resolve'
    | 'setVariables'
    | 'failByAnother'
    | 'cancel'
  readonly pick: number
  readonly end: number
}

export const LEASE_MS = 1_000
/** A changed input may change the lane, and a job may turn out to be for another than its adapter chose. */
export const LANES = [
  laneName({ account: 'default', region: 'eu-west-1', model: 'm' }),
  laneName({ account: 'default', region: 'us-east-1', model: 'm' }),
  laneName({ account: '111122223333', region: 'eu-west-1', model: 'm' }),
] as const
/** A finished job is remembered for two leases; no delivery is later than that. */
const REMEMBERED_MS = 2 * LEASE_MS

interface Delivery {
  readonly madeAtMs: number
  readonly deadlineMs: number
  readonly retries: number
  readonly input: string
  /** The order that Zeebe had out when it made this activation. */
  readonly order: number
}

/** A start of an epoch by a worker, until that one is through with it. */
interface Run {
  readonly epoch: number
  readonly start: string
  /** The queued job that it was started from. */
  readonly copy: Copy
  /** Whether it still has BullMQ's lock of the queued job. */
  locked: boolean
}

/** A queued job: an epoch as it lies in a lane. */
interface Copy {
  readonly epoch: number
  readonly lane: LaneName
  state: 'waiting' | 'active'
}

interface Outcome {
  readonly epoch: number
  readonly failedTo: number | null
}

export class JobWorld {
  readonly zeebe = {
    state: 'activatable' as 'activatable' | 'activated' | 'failed' | 'ended',
    deadlineMs: 0,
    retries: 3,
    input: 'a',
    /** What Zeebe has asked for so far: at first, after each failure it took, after each change of what is asked. */
    orders: 1,
  }
  /** The order of Zeebe that each epoch serves. */
  readonly served = new Map<number, number>()
  readonly calls = new Map<number, number>()
  readonly answers: number[] = []
  /** Epochs that were seen to wait while they did not in their lane, nor in one that leads there: what that had was with a worker. */
  readonly misplaced: number[] = []
  /** Epochs that were called from another lane than the one that their record names. */
  readonly astray: number[] = []
  #nowMs = 1_000_000
  #endedAtMs: number | null = null
  readonly #deliveries: Delivery[] = []
  #queued: Copy[] = []
  readonly #outbox: Outcome[] = []
  #runs: Run[] = []
  #starts = 0
  /** Epochs whose adapter died before their lane had them. */
  readonly #neverAdded = new Set<number>()
  readonly #keeper: JobKeeper

  constructor(keeper: JobKeeper) {
    this.#keeper = keeper
  }

  async step(step: Step): Promise<void> {
    await this.#do(step)
    const known = await this.#keeper.state()
    if (known?.state !== 'queued' || this.#neverAdded.has(known.epoch)) return
    if (!this.#queued.some(({ epoch, state }) => epoch === known.epoch && state === 'waiting'))
      this.misplaced.push(known.epoch)
  }

  async #do({ do: what, pick, end }: Step): Promise<void> {
    switch (what) {
      case 'activate':
        return this.#activate()
      case 'deliver':
        return this.#deliver(pick, end)
      case 'start':
        return this.#start(this.#pickCopy(pick))
      case 'answer':
        return this.#answer(pick, end)
      case 'defer':
        return this.#defer(pick)
      case 'move':
        return this.#move(pick, end)
      case 'die':
        return this.#leave(pick, 'dead')
      case 'standStill':
        return this.#leave(pick, 'late')
      case 'report':
        return this.#report(pick, end)
      case 'sweep':
        return this.#sweep()
      case 'wait':
        return this.#wait(end * 150)
      case 'resolve':
        if (this.zeebe.state === 'failed') this.#ask({ state: 'activatable', retries: 1 + (end % 3) })
        return
      case 'setVariables':
        if (this.zeebe.state !== 'ended') this.#ask({ input: end % 2 === 0 ? 'a' : 'b' })
        return
      case 'failByAnother':
        if (this.zeebe.state === 'activated') this.#ask({ state: 'failed', retries: 0 })
        return
      case 'cancel':
        this.zeebe.state = 'ended'
    }
  }

  /** Everybody does what is to be done, for as long as anything changes. @returns whether the job came to an end. */
  async settle(): Promise<boolean> {
    for (let round = 0; round < 12 && this.zeebe.state !== 'ended'; round += 1) {
      await this.#wait(LEASE_MS + 1)
      if (this.zeebe.state === 'failed') this.#ask({ state: 'activatable', retries: 1 })
      this.#activate()
      while (this.#deliveries.length > 0) await this.#deliver(0, 0)
      for (const run of this.#runs) run.locked = false
      for (const copy of this.#queued) copy.state = 'waiting'
      for (let copy = this.#pickCopy(0); copy !== undefined; copy = this.#pickCopy(0)) await this.#start(copy)
      while (this.#runs.length > 0) await this.#answer(0, 0)
      while (this.#outbox.length > 0) await this.#report(0, 0)
    }
    return this.zeebe.state === 'ended'
  }

  #ask(change: Partial<JobWorld['zeebe']>): void {
    const { input } = this.zeebe
    Object.assign(this.zeebe, change)
    if (change.input === undefined || change.input !== input) this.zeebe.orders += 1
  }

  async #wait(ms: number): Promise<void> {
    this.#nowMs += ms
    if (this.zeebe.state === 'activated' && this.#nowMs > this.zeebe.deadlineMs)
      this.zeebe.state = 'activatable'
    if (this.#endedAtMs !== null && this.#nowMs > this.#endedAtMs + REMEMBERED_MS) {
      this.#endedAtMs = null
      await this.#keeper.move({ move: 'forget' })
    }
  }

  #activate(): void {
    const { zeebe } = this
    if (zeebe.state !== 'activatable') return
    // Between two activations of a job there are several commands: no two of them are of one millisecond.
    this.#nowMs += 1
    zeebe.state = 'activated'
    zeebe.deadlineMs = this.#nowMs + LEASE_MS
    const { deadlineMs, retries, input, orders: order } = zeebe
    this.#deliveries.push({ madeAtMs: this.#nowMs, deadlineMs, retries, input, order })
  }

  /** To an adapter; `end` says whether it comes once more later, and whether the adapter dies before the lane has it. */
  async #deliver(pick: number, end: number): Promise<void> {
    const at = pick % Math.max(1, this.#deliveries.length)
    const delivery = this.#deliveries[at]
    if (delivery === undefined) return
    if (end % 3 !== 2) this.#deliveries.splice(at, 1)
    if (this.#nowMs - delivery.madeAtMs > REMEMBERED_MS) return
    const { deadlineMs, retries, input } = delivery
    const firstEpoch = this.#nowMs * 1_000
    const chosen = LANES[input === 'a' ? 0 : 1]
    const reply = await this.#keeper.move({
      move: 'accept',
      deadlineMs,
      retries,
      input,
      firstEpoch,
      lane: chosen,
    })
    if (typeof reply !== 'object' || !('epoch' in reply))
      throw new Error('an acceptance says what it came to')
    const { acceptance, epoch, lane } = reply
    if (acceptance === 'new') {
      this.#endedAtMs = null
      this.served.set(epoch, this.#orderFor(delivery))
    }
    if (acceptance === 'answered' && !this.#outbox.some((entry) => entry.epoch === epoch)) {
      this.#endedAtMs = null
      this.#outbox.push({ epoch, failedTo: null })
    }
    const adds = acceptance === 'new' || acceptance === 'adopt'
    const isQueued = this.#queued.some((copy) => copy.epoch === epoch)
    if (adds && end % 5 === 4 && !isQueued) this.#neverAdded.add(epoch)
    if (adds && end % 5 !== 4) this.#putInto(lane, epoch)
  }

  /**
   * Which order an epoch serves: the first one since its activation that none serves yet; NaN for none. An activation
   * that comes late may stand for a later order, which then finds the job there.
   */
  #orderFor({ order }: Delivery): number {
    const taken = new Set(this.served.values())
    for (let free = order; free <= this.zeebe.orders; free += 1) if (!taken.has(free)) return free
    return Number.NaN
  }

  /** Where it is not there already. */
  #putInto(lane: LaneName, epoch: number): void {
    this.#neverAdded.delete(epoch)
    if (this.#queued.some((copy) => copy.epoch === epoch && copy.lane === lane)) return
    this.#queued.push({ epoch, lane, state: 'waiting' })
  }

  #take(copy: Copy): void {
    this.#queued = this.#queued.filter((other) => other !== copy)
  }

  async #start(copy: Copy | undefined): Promise<void> {
    if (copy === undefined) return
    const { epoch, lane } = copy
    this.#starts += 1
    const start = `worker#${this.#starts}`
    const reply = await this.#keeper.move({ move: 'start', epoch, start, lane })
    if (typeof reply === 'object' && 'movedTo' in reply) this.#putInto(reply.movedTo, epoch)
    if (reply !== true) return this.#take(copy)
    copy.state = 'active'
    if ((await this.#keeper.state())?.lane !== lane) this.astray.push(epoch)
    this.#runs.push({ epoch, start, copy, locked: true })
    this.calls.set(epoch, (this.calls.get(epoch) ?? 0) + 1)
  }

  async #answer(pick: number, end: number): Promise<void> {
    const run = this.#endRun(pick)
    if (run === undefined) return
    const { epoch, copy, locked } = run
    if (locked) this.#take(copy)
    const { retries } = this.zeebe
    const failedTo = [null, Math.max(0, retries - 1), 0, retries][end % 4] ?? null
    if ((await this.#keeper.move({ move: 'answer', epoch, after: 'called', failedTo })) === false) return
    this.answers.push(epoch)
    this.#outbox.push({ epoch, failedTo })
  }

  /** What is not this start's any more stays in its lane, where the next one decides; unless it is over. */
  async #defer(pick: number): Promise<void> {
    const run = this.#endRun(pick)
    if (run === undefined) return
    const { epoch, start, copy, locked } = run
    const sends = this.calls.get(epoch) ?? 0
    const standing = await this.#keeper.move({ move: 'defer', epoch, start, sends })
    if (!locked) return
    if (standing === 'over') this.#take(copy)
    else copy.state = 'waiting'
  }

  /**
   * Into another lane, or, told again, into the one it has; `end` says whether the worker dies before the queued job has followed, or
   * before it has left.
   */
  async #move(pick: number, end: number): Promise<void> {
    const run = this.#endRun(pick)
    if (run === undefined) return
    const { epoch, start, copy, locked } = run
    const others: readonly LaneName[] = LANES.filter((lane) => lane !== copy.lane)
    const lane = others[end % 2] ?? LANES[0]
    const standing = await this.#keeper.move({ move: 'move', epoch, start, lane })
    if (end % 7 === 6) expect(await this.#keeper.move({ move: 'move', epoch, start, lane })).toBe(standing)
    const dies = end % 5
    if (standing === 'ours' && dies !== 4) this.#putInto(lane, epoch)
    if (!locked) return
    if (standing === 'taken' || dies > 2) copy.state = 'waiting'
    else this.#take(copy)
  }

  /** The lane gives the job of a worker to another, since that one is dead, or `late`: it stands still, and goes on after that. */
  #leave(pick: number, as: 'dead' | 'late'): void {
    const locked = this.#runs.filter((run) => run.locked)
    const run = locked[pick % Math.max(1, locked.length)]
    if (run === undefined) return
    run.locked = false
    run.copy.state = 'waiting'
    if (as === 'dead') this.#runs = this.#runs.filter((other) => other !== run)
  }

  #endRun(pick: number): Run | undefined {
    const run = this.#runs[pick % Math.max(1, this.#runs.length)]
    this.#runs = this.#runs.filter((other) => other !== run)
    return run
  }

  /** `end` says whether the reporter dies between Zeebe's answer and the end of the entry. */
  async #report(pick: number, end: number): Promise<void> {
    const entry = this.#outbox[pick % Math.max(1, this.#outbox.length)]
    if (entry === undefined) return
    const known = await this.#keeper.state()
    const close = () => this.#outbox.splice(this.#outbox.indexOf(entry), 1)
    if (known?.epoch !== entry.epoch || known.state !== 'answered') return void close()
    const result = this.#tellZeebe(entry)
    if (end % 4 === 3) return
    close()
    const latestMs = this.#nowMs + LEASE_MS
    const moved = await this.#keeper.move({ move: 'report', epoch: entry.epoch, end: result, latestMs })
    if (moved === true) this.#endedAtMs = this.#nowMs
  }

  #tellZeebe({ failedTo }: Outcome): 'done' | 'released' | 'kept' {
    const { zeebe } = this
    if (zeebe.state === 'ended') return 'done'
    if (zeebe.state === 'failed') return failedTo === null ? 'kept' : 'released'
    if (failedTo === null) {
      zeebe.state = 'ended'
      return 'done'
    }
    this.#ask({ state: failedTo > 0 ? 'activatable' : 'failed', retries: failedTo })
    return 'released'
  }

  /** Extends the lease, or learns that the job is gone. */
  async #sweep(): Promise<void> {
    const { zeebe } = this
    if (zeebe.state === 'activated') zeebe.deadlineMs = this.#nowMs + LEASE_MS
    if (zeebe.state !== 'ended') return
    const latestMs = this.#nowMs + LEASE_MS
    const known = await this.#keeper.state()
    if ((await this.#keeper.move({ move: 'withdraw', latestMs })) !== true) return
    this.#endedAtMs = this.#nowMs
    this.#queued = this.#queued.filter(({ lane, state }) => lane !== known?.lane || state !== 'waiting')
  }

  #pickCopy(pick: number): Copy | undefined {
    const waiting = this.#queued.filter(({ state }) => state === 'waiting')
    return waiting[pick % Math.max(1, waiting.length)]
  }
}
