import { describe, expect, it } from 'vitest'
import { makeSharedLook } from '../../src/dashboard/shared-look.ts'

function looking() {
  const world = { nowMs: 1_000, looks: 0, there: true, fails: false }
  const shared = makeSharedLook({
    look: async () => {
      world.looks += 1
      const seen = world.looks
      await Promise.resolve()
      if (world.fails) throw new Error('gone')
      return seen
    },
    available: () => world.there,
    now: () => world.nowMs,
  })
  return { world, shared }
}

describe('a look at Redis', () => {
  it('is shared by all requests at the same time, and for a moment after', async () => {
    const { world, shared } = looking()
    const seen = await Promise.all(Array.from({ length: 50 }, () => shared.latest()))
    expect(new Set(seen.map(({ look }) => look?.seen))).toEqual(new Set([1]))
    world.nowMs += 399
    await shared.latest()
    expect(world.looks).toBe(1)
    world.nowMs += 1
    expect((await shared.latest()).look).toEqual({ seen: 2, atMs: 1_400 })
  })

  it('is repeated after a change', async () => {
    const { world, shared } = looking()
    await shared.latest()
    shared.forget()
    expect((await shared.latest()).look?.seen).toBe(2)
    expect(world.looks).toBe(2)
  })

  it('keeps its last result when Redis is away, with the time since when it has not answered', async () => {
    const { world, shared } = looking()
    expect((await shared.latest()).awaySinceMs).toBeNull()
    world.nowMs = 5_000
    world.there = false
    expect(await shared.latest()).toEqual({ look: { seen: 1, atMs: 1_000 }, awaySinceMs: 1_000 })
    expect(world.looks).toBe(1)
    world.there = true
    world.fails = true
    expect((await shared.latest()).awaySinceMs).toBe(1_000)
    world.fails = false
    expect(await shared.latest()).toMatchObject({ look: { atMs: 5_000 }, awaySinceMs: null })
  })

  it('has no result before Redis first answered', async () => {
    const { world, shared } = looking()
    world.there = false
    expect(await shared.latest()).toEqual({ look: null, awaySinceMs: 1_000 })
  })
})
