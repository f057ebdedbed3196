// What readers of the outbox leave one another, on the real Redis.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { OutboxEntry } from '../../src/ledger/outbox.ts'
import { REPORTERS } from '../../src/ledger/outbox.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { allOf, makeOutboxUnderTest, readAll } from './outbox-readers.ts'

const connect = () =>
  connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const connections: ReturnType<typeof connect>[] = []
let redis: ReturnType<typeof connect>

beforeAll(() => {
  redis = connect()
})
afterAll(async () => {
  await (redis && closeRedis(redis))
  for (const connection of connections) await closeRedis(connection)
})

function outbox() {
  return makeOutboxUnderTest(redis, () => {
    const connection = connect()
    connections.push(connection)
    return connection
  })
}

const keysOf = (entries: readonly OutboxEntry[]) => entries.map(({ key }) => key).sort()

describe('entries whose reader has died', () => {
  it('are all taken over at once, behind any number of entries that live readers keep', async () => {
    const { reader, fill } = outbox()
    const [living, dead, next] = [await reader('living'), await reader('dead'), await reader('next')]
    const kept = await fill(3, 200)
    const ofLiving = await readAll(living)
    expect(keysOf(ofLiving)).toEqual([...kept].sort())
    const left = [...(await fill(3, 300)), ...(await fill(4, 100))]
    // As if it had been silent for a day.
    await dead.handBack(await readAll(dead))
    expect(await living.keep(ofLiving)).toEqual([])
    const taken = await allOf(next.takeOver(60_000, 4))
    expect(keysOf(taken)).toEqual([...left].sort())
    expect(await allOf(living.takeOver(60_000, 4))).toEqual([])
  })

  it('stay with the reader that took them over when the first one wakes up', async () => {
    const { reader, fill } = outbox()
    const [frozen, next] = [await reader('frozen'), await reader('next')]
    await fill(0, 5)
    const entries = await readAll(frozen)
    await next.keep(entries)
    expect(await allOf(next.takeOver(0, 10))).toHaveLength(5)
    expect(await frozen.keep(entries)).toEqual(entries)
    await frozen.handBack(entries)
    expect(await allOf(frozen.takeOver(60_000, 10))).toEqual([])
  })

  it('and that it handed back are taken at once', async () => {
    const { reader, fill } = outbox()
    const [one, two] = [await reader('one'), await reader('two')]
    await fill(7, 600)
    const entries = await readAll(one)
    await one.handBack(entries)
    expect(keysOf(await allOf(two.takeOver(60_000, 64)))).toEqual(keysOf(entries))
  })
})

describe('entries that were cut off or deleted while they were read', () => {
  it('hide no others, and are removed from their reader', async () => {
    const { reader, fill, keys } = outbox()
    const [dead, next] = [await reader('dead'), await reader('next')]
    await fill(5, 90)
    const entries = await readAll(dead)
    const deleted = entries.filter((_, index) => index % 3 !== 2)
    await redis.xdel(keys.outbox(5), ...deleted.map(({ entryId }) => entryId))
    const taken = await allOf(next.takeOver(0, 4))
    expect(taken).toHaveLength(30)
    const [pending] = (await redis.xpending(keys.outbox(5), REPORTERS)) as [number]
    expect(pending).toBe(30)
  })
})
