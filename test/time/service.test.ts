import { describe, expect, it } from 'vitest'
import {
  makeService,
  pauseAfterFaults,
  type ServiceFault,
  type ServiceParts,
} from '../../src/time/service.ts'

/** Longer than any test takes: what waits so long came by other means. */
const NEVER_MS = 3_600_000

interface Rounds {
  /** How many have begun. */
  readonly begun: () => number
  /** Resolves when so many have begun. */
  reach(count: number): Promise<void>
}

/** A service that counts its rounds. */
function counted(
  round: (count: number, stopping: AbortSignal) => Promise<number>,
  parts: Partial<ServiceParts> = {},
) {
  const faults: ServiceFault[] = []
  const waits: { readonly count: number; readonly resolve: () => void }[] = []
  let count = 0
  const service = makeService({
    name: 'counting',
    onFault: (fault) => faults.push(fault),
    round: async (stopping) => {
      count += 1
      for (const wait of waits) if (count >= wait.count) wait.resolve()
      return round(count, stopping)
    },
    ...parts,
  })
  const rounds: Rounds = {
    begun: () => count,
    async reach(wanted) {
      if (count >= wanted) return
      const { promise, resolve } = Promise.withResolvers<void>()
      waits.push({ count: wanted, resolve })
      await promise
    },
  }
  return { service, faults, rounds }
}

/** Lets all that is due have its turn. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a service', () => {
  it('does its round again and again, after the pause that the round asks for', async () => {
    const { service, rounds, faults } = counted(async (count) => (count < 3 ? 1 : NEVER_MS))
    service.start()
    await rounds.reach(3)
    await turn()
    expect(rounds.begun()).toBe(3)
    expect(faults).toEqual([])
    await service.stop()
  })

  it('starts once, however often start is called', async () => {
    const { service, rounds } = counted(async () => NEVER_MS)
    service.start()
    service.start()
    await rounds.reach(1)
    await turn()
    expect(rounds.begun()).toBe(1)
    await service.stop()
  })

  it('waits before its first round where that is asked for', async () => {
    const { service, rounds } = counted(async () => NEVER_MS, { firstAfterMs: NEVER_MS })
    service.start()
    await turn()
    expect(rounds.begun()).toBe(0)
    service.wake()
    await rounds.reach(1)
    await service.stop()
  })

  it('reports a fault once for each round, with the name of its work, and goes on', async () => {
    const { service, rounds, faults } = counted(
      async (count) => {
        if (count <= 2) throw new Error(`away ${count}`)
        return NEVER_MS
      },
      { afterFaultMs: () => 1 },
    )
    service.start()
    await rounds.reach(3)
    expect(faults).toEqual([
      { where: 'counting', error: new Error('away 1') },
      { where: 'counting', error: new Error('away 2') },
    ])
    await service.stop()
  })

  it('pauses by how many faults there were in a row', async () => {
    const asked: number[] = []
    const { service, rounds } = counted(
      async (count) => {
        if (count !== 3) throw new Error('away')
        return 0
      },
      {
        afterFaultMs(faults) {
          asked.push(faults)
          return asked.length < 3 ? 0 : NEVER_MS
        },
      },
    )
    service.start()
    await rounds.reach(4)
    await turn()
    expect(asked).toEqual([1, 2, 1])
    await service.stop()
  })

  it('is woken from its pause', async () => {
    const { service, rounds } = counted(async () => NEVER_MS)
    service.start()
    await rounds.reach(1)
    await turn()
    service.wake()
    await rounds.reach(2)
    await turn()
    expect(rounds.begun()).toBe(2)
    await service.stop()
  })

  it('does exactly one more round if it is woken while a round runs', async () => {
    const running = Promise.withResolvers<void>()
    const { service, rounds } = counted(async (count) => {
      if (count === 1) await running.promise
      return NEVER_MS
    })
    service.start()
    await rounds.reach(1)
    service.wake()
    service.wake()
    running.resolve()
    await rounds.reach(2)
    await turn()
    expect(rounds.begun()).toBe(2)
    await service.stop()
  })
})

describe('a service that stops', () => {
  it('waits for the running round, and starts no other', async () => {
    let ended = false
    const { service, rounds } = counted(
      async (_, stopping) => {
        await new Promise((resolve) => stopping.addEventListener('abort', resolve))
        await turn()
        ended = true
        return 0
      },
      { stopWithinMs: NEVER_MS },
    )
    service.start()
    await rounds.reach(1)
    await service.stop()
    expect(ended).toBe(true)
    service.wake()
    service.start()
    await turn()
    expect(rounds.begun()).toBe(1)
  })

  it('ends its pause at once', async () => {
    const { service, rounds } = counted(async () => NEVER_MS, { stopWithinMs: NEVER_MS })
    service.start()
    await rounds.reach(1)
    await service.stop()
  })

  it('abandons a hanging round after its time limit', async () => {
    const { service, rounds } = counted(() => new Promise(() => undefined), { stopWithinMs: 10 })
    service.start()
    await rounds.reach(1)
    await service.stop()
    await service.stop()
  })

  it('runs its final step once, after its last round, and only if it started', async () => {
    const order: string[] = []
    const { service, rounds } = counted(
      async (_, stopping) => {
        await new Promise((resolve) => stopping.addEventListener('abort', resolve))
        order.push('round')
        return 0
      },
      { leave: async () => order.push('leave') },
    )
    service.start()
    await rounds.reach(1)
    await Promise.all([service.stop(), service.stop()])
    expect(order).toEqual(['round', 'leave'])

    const idle = counted(async () => 0, { leave: async () => order.push('idle left') })
    await idle.service.stop()
    expect(order).toEqual(['round', 'leave'])
  })

  it('limits the time of its final step, and does not report its failure', async () => {
    for (const leave of [() => new Promise(() => undefined), () => Promise.reject(new Error('away'))]) {
      const { service, rounds, faults } = counted(async () => NEVER_MS, { leave, stopWithinMs: 10 })
      service.start()
      await rounds.reach(1)
      await service.stop()
      expect(faults).toEqual([])
    }
  })

  it('reports no fault', async () => {
    const { service, rounds, faults } = counted(async (_, stopping) => {
      await new Promise((resolve) => stopping.addEventListener('abort', resolve))
      throw new Error('the connection was closed')
    })
    service.start()
    await rounds.reach(1)
    await service.stop()
    expect(faults).toEqual([])
  })

  it('may be stopped before its start, and never starts afterwards', async () => {
    const { service, rounds } = counted(async () => NEVER_MS)
    await service.stop()
    service.start()
    await turn()
    expect(rounds.begun()).toBe(0)
    await service.stop()
  })
})

describe('the pause after faults', () => {
  it.each([
    { faults: 1, least: 500, most: 1_000 },
    { faults: 2, least: 1_000, most: 2_000 },
    { faults: 3, least: 2_000, most: 4_000 },
    { faults: 4, least: 2_500, most: 5_000 },
    { faults: 10_000, least: 2_500, most: 5_000 },
  ])('is of $least to $most ms after $faults in a row', ({ faults, least, most }) => {
    expect(pauseAfterFaults(faults, () => 0)).toBe(least)
    expect(pauseAfterFaults(faults, () => 1)).toBe(most)
  })
})
