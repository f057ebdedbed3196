// Reads facts of every Redis server that takes writes, again after each reconnect. redis-facts.ts judges them.
import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './connect.ts'
import {
  describeReplica,
  judgeRedis,
  type NodeFacts,
  type RedisFacts,
  type RedisJudgement,
  readNodeFacts,
} from './redis-facts.ts'

/** Thrown when Redis answers but must not be used; the message says why and what to do. */
export class RefusedRedisError extends Error {
  override readonly name = 'RefusedRedisError'
  readonly answers = true
  /** Whether this lasts until somebody changes a setting of Redis. */
  readonly lasting: boolean

  constructor(message: string, { lasting }: { readonly lasting: boolean }) {
    super(message)
    this.lasting = lasting
  }
}

export type RedisReport = RedisFacts & RedisJudgement

export interface RedisInspector {
  /**
   * Checks that every server that takes writes answers, and returns their facts.
   * @throws RefusedRedisError when a server must not be used, another error when one does not answer.
   */
  inspect(): Promise<RedisReport>
}

export interface RedisInspectorOptions {
  readonly redis: RedisClient
  readonly kind: RedisFacts['kind']
  /** Called with the first report, and with each that differs from the one before. */
  readonly onReport: (report: RedisReport) => void
  /** ms, monotonic. @default performance.now */
  readonly now?: () => number
}

/** A setting may be changed at run time. */
const ASK_AGAIN_MS = 30_000

export function makeRedisInspector(options: RedisInspectorOptions): RedisInspector {
  const { redis, kind, onReport, now = performance.now.bind(performance) } = options
  let known: { readonly report: RedisReport; readonly at: number } | null = null
  let told = ''
  const forget = (): void => {
    known = null
  }
  // After these another server may be behind the address, or another node be master.
  for (const event of ['ready', '+node', '-node']) redis.on(event, forget)
  return {
    async inspect() {
      const fresh = known !== null && now() - known.at < ASK_AGAIN_MS ? known.report : null
      if (fresh !== null && fresh.refusals.length === 0) {
        await Promise.all(mastersOf(redis).map((node) => node.ping()))
        return fresh
      }
      const facts = { kind, nodes: await Promise.all(mastersOf(redis).map(askNode)) }
      const replica = describeReplica(facts)
      if (replica !== null) throw new RefusedRedisError(replica, { lasting: false })
      const report = { ...facts, ...judgeRedis(facts) }
      known = { report, at: now() }
      const text = JSON.stringify(report)
      if (text !== told) onReport(report)
      told = text
      if (report.refusals.length > 0) {
        throw new RefusedRedisError(report.refusals.join(' '), { lasting: true })
      }
      return report
    },
  }
}

/**
 * The servers that take writes.
 * @throws Error when a Cluster has no node at hand.
 */
export function mastersOf(redis: RedisClient): readonly Redis[] {
  if (!(redis instanceof Cluster)) return [redis]
  const masters = redis.nodes('master')
  if (masters.length === 0) throw new Error('no node of the Cluster answers')
  return masters
}

async function askNode(node: Redis): Promise<NodeFacts> {
  const [info, save] = await Promise.all([node.info(), configured(node, 'save')])
  const told = /^maxmemory_policy:/m.test(info)
  const evictionPolicy = told ? null : await configured(node, 'maxmemory-policy')
  return readNodeFacts({ address: addressOf(node), info, save, evictionPolicy })
}

/** Null if CONFIG is forbidden, or does not know the parameter. */
async function configured(node: Redis, parameter: string): Promise<string | null> {
  try {
    const [, value] = (await node.config('GET', parameter)) as string[]
    return value ?? null
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return null
    throw error
  }
}

/** `host:port` of a server, for messages. */
export function addressOf({ options, stream }: Redis): string {
  // Behind Sentinels only the socket knows the server.
  const { remoteAddress, remotePort } = stream as { remoteAddress?: string; remotePort?: number }
  if (options.sentinels && remoteAddress !== undefined) return `${remoteAddress}:${remotePort}`
  return `${options.host}:${options.port}`
}
