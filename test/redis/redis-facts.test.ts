import { describe, expect, it } from 'vitest'
import {
  describeRedis,
  describeReplica,
  judgeRedis,
  type NodeFacts,
  type RedisFacts,
  readNodeFacts,
  sumUp,
} from '../../src/redis/redis-facts.ts'

const good: NodeFacts = {
  address: 'redis-0:6379',
  version: '7.2.4',
  role: 'master',
  evictionPolicy: 'noeviction',
  appendOnly: true,
  snapshots: true,
}

const standalone = (node: Partial<NodeFacts>): RedisFacts => ({
  kind: 'standalone',
  nodes: [{ ...good, ...node }],
})

describe('the facts about a Redis', () => {
  it('are read from INFO', () => {
    const info =
      '# Server\r\nredis_version:6.2.11\r\nrole:master\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n'
    expect(readNodeFacts({ address: 'a:1', info, save: '3600 1', evictionPolicy: null })).toEqual({
      address: 'a:1',
      version: '6.2.11',
      role: 'master',
      evictionPolicy: 'allkeys-lru',
      appendOnly: true,
      snapshots: true,
    })
  })

  it('are unknown without INFO, except for those in CONFIG', () => {
    expect(readNodeFacts({ address: 'a:1', info: '', save: null, evictionPolicy: 'noeviction' })).toEqual({
      address: 'a:1',
      version: null,
      role: null,
      evictionPolicy: 'noeviction',
      appendOnly: null,
      snapshots: null,
    })
  })
})

describe('Quarry accepts a Redis', () => {
  it('that evicts nothing, is recent and persists to disk, without a warning', () => {
    expect(judgeRedis(standalone({}))).toEqual({ refusals: [], warnings: [] })
  })

  it.each([
    [
      { evictionPolicy: 'allkeys-lru' },
      /^Redis at redis-0:6379 has maxmemory-policy allkeys-lru: .*Set maxmemory-policy noeviction/,
    ],
    [{ evictionPolicy: 'volatile-ttl' }, /volatile-ttl/],
    [{ version: '6.0.16' }, /^Redis at redis-0:6379 is version 6\.0\.16: Quarry needs 6\.2 or later/],
    [{ version: '5.0.7' }, /5\.0\.7/],
  ])('not with %o', (node, message) => {
    expect(judgeRedis(standalone(node)).refusals).toEqual([expect.stringMatching(message)])
  })

  it.each(['6.2.0', '7.0.15', '8.2.1', '10.0.0'])('of version %s', (version) => {
    expect(judgeRedis(standalone({ version })).refusals).toEqual([])
  })

  it('with a warning if its eviction policy is unknown', () => {
    expect(judgeRedis(standalone({ evictionPolicy: null })).warnings).toEqual([
      expect.stringMatching(/does not tell its maxmemory-policy/),
    ])
  })

  it('with a warning if it persists nothing; without one if RDB or AOF is on or unknown', () => {
    const warnings = (appendOnly: boolean | null, snapshots: boolean | null) =>
      judgeRedis(standalone({ appendOnly, snapshots })).warnings
    expect(warnings(false, false)).toEqual([expect.stringMatching(/keeps nothing on disk/)])
    expect([warnings(true, false), warnings(false, true), warnings(false, null)]).toEqual([[], [], []])
  })

  it('only if no master of a Cluster evicts', () => {
    const nodes = [good, { ...good, address: 'redis-1:6379', evictionPolicy: 'allkeys-lfu' }]
    expect(judgeRedis({ kind: 'cluster', nodes }).refusals).toEqual([
      expect.stringMatching(/^Redis at redis-1/),
    ])
  })

  it('not while it is a replica; Sentinels and Clusters lead to the master by themselves', () => {
    const nodes = [{ ...good, role: 'slave' }]
    expect(describeReplica({ kind: 'standalone', nodes })).toMatch(/replica.*QUARRY_REDIS_SENTINELS/)
    expect(describeReplica({ kind: 'cluster', nodes })).toBeNull()
    expect(describeReplica(standalone({}))).toBeNull()
  })
})

it('the summary of a Redis is short, and covers differing nodes', () => {
  const nodes = [good, { ...good, version: '7.4.0', appendOnly: false, snapshots: null }]
  const facts: RedisFacts = { kind: 'cluster', nodes }
  expect(describeRedis(facts)).toBe('Redis 7.2.4/7.4.0, 2 masters, noeviction, persistence aof+rdb/unknown')
  expect(sumUp(standalone({ appendOnly: false, snapshots: false })).persistence).toBe('none')
})
