// Starts a Redis Cluster of master nodes on loopback, the slots split evenly between them: for tests of what a Cluster
// does differently.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { onFreePort } from '../free-port.ts'
import { makeOwnFolder } from '../own-folder.ts'
import type { StartOptions } from '../part.ts'
import { keepRedis, type RedisSource } from './find-redis.ts'
import { type RedisProcess, startRedisProcess, VOLATILE } from './redis-process.ts'

export interface RedisCluster {
  /** `host:port` of each node. */
  readonly nodes: readonly string[]
  /** Ends the nodes and waits for their end. Idempotent. */
  stop(): Promise<void>
}

const SLOTS = 16_384
const PATIENCE_MS = 20_000

/**
 * @param options `nodes` says how many, 3 unless given.
 * @throws Error when a node does not start, or the nodes do not find one another.
 */
export async function startRedisCluster(
  source: RedisSource,
  options: StartOptions & { readonly nodes?: number },
): Promise<RedisCluster> {
  const { env, progress, signal, nodes = 3 } = options
  const program = await keepRedis(source, { env, progress, signal })
  const folder = await makeOwnFolder('quarry-cluster-')
  const started: RedisProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(({ child }) => child.stop()))
    await folder.remove()
  }
  try {
    for (let index = 0; index < nodes; index += 1) {
      const own = join(folder.path, String(index))
      await mkdir(own)
      const args = [...VOLATILE, '--cluster-enabled', 'yes']
      const place = { program, folder: own }
      started.push(await onFreePort((port) => startRedisProcess({ ...place, port, args, env, signal })))
    }
    await joinNodes(started.map(({ port }) => port))
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes: started.map(({ port }) => `127.0.0.1:${port}`), stop }
}

/** Gives each node its slots, makes them known to one another, and waits until all say that all is well. */
async function joinNodes(ports: readonly number[]): Promise<void> {
  const nodes = ports.map((port) => new Redis({ port, host: '127.0.0.1' }))
  try {
    const share = Math.ceil(SLOTS / nodes.length)
    for (const [index, node] of nodes.entries()) {
      const first = index * share
      const slots = Array.from({ length: Math.min(share, SLOTS - first) }, (_, offset) => first + offset)
      // Equal epochs of nodes that own slots are settled only after a while.
      await node.cluster('SET-CONFIG-EPOCH', index + 1)
      await node.cluster('ADDSLOTS', ...slots)
    }
    for (const port of ports.slice(1)) await nodes[0]?.cluster('MEET', '127.0.0.1', port)
    const until = performance.now() + PATIENCE_MS
    for (const node of nodes) {
      while (!isWhole(String(await node.cluster('INFO')), nodes.length)) {
        if (performance.now() > until)
          throw new Error('The nodes of the Redis Cluster did not find one another.')
        await sleep(50)
      }
    }
  } finally {
    for (const node of nodes) node.disconnect()
  }
}

function isWhole(info: string, nodes: number): boolean {
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes}`)
}
