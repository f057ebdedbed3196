// Connections to Redis in any form: single server, Sentinel or Cluster. Every connection has an error listener, and reconnects for ever,
// with jitter.
import { Cluster, type ClusterNode, type Command, Redis, type RedisOptions } from 'ioredis'
import type { NetStream, WriteableStream } from 'ioredis/built/types.js'
import type { RedisTarget } from './redis-target.ts'

/** A connection to one server (found by Sentinels or not), or to all nodes of a Cluster. */
export type RedisClient = Redis | Cluster

export interface ConnectOptions {
  readonly target: RedisTarget
  /** Shows up in CLIENT LIST. */
  readonly name: string
  /** Called for every error; ioredis reconnects by itself. */
  readonly onError: (error: Error) => void
  readonly random?: () => number
}

/**
 * A Redis whose `disconnect` always ends it. Between two attempts to reconnect, ioredis leaves waiting commands pending and never emits
 * `end`. BullMQ's duplicates of it are the same class.
 */
class EndingRedis extends Redis {
  #gathering: NetStream | null = null

  /**
   * Gathers the commands of one turn of the event loop into one write, as a write for each command is what a busy process spends
   * most of its time in. Unlike ioredis's pipelines, a lost connection leaves each command to be sent again by itself.
   */
  override sendCommand(command: Command, stream?: WriteableStream): unknown {
    const socket = this.stream
    if (stream === undefined && socket !== undefined && socket !== this.#gathering && socket.writable) {
      this.#gathering = socket
      socket.cork()
      setImmediate(() => {
        if (this.#gathering === socket) this.#gathering = null
        socket.uncork()
      })
    }
    return super.sendCommand(command, stream)
  }

  override disconnect(reconnect = false): void {
    super.disconnect(reconnect)
    if (reconnect || this.status !== 'reconnecting') return
    this.connect().catch(() => undefined)
    super.disconnect()
  }

  override duplicate(override?: object): Redis {
    return listened(Reflect.construct(EndingRedis, [{ ...this.options, ...override }]))
  }
}

/**
 * The same for a Cluster. ioredis ends it with its last node: without any node it would never end, and with several, each further node
 * that goes would open it again for commands that then wait for ever.
 */
class EndingCluster extends Cluster {
  override connect(): Promise<void> {
    this.off('close', endAgain)
    return super.connect()
  }

  override disconnect(reconnect = false): void {
    this.off('close', endAgain)
    if (!reconnect && this.status !== 'end') this.on('close', endAgain)
    if (!reconnect && this.status !== 'end' && this.nodes().length === 0) this.end()
    else if (reconnect || this.status !== 'end') super.disconnect(reconnect)
  }

  /** ioredis ends at once what waits for its first connection, hence the status. */
  end(): void {
    this.status = 'wait'
    super.disconnect()
  }

  override duplicate(_seeds?: readonly ClusterNode[], override?: object): Cluster {
    // The seed nodes are a private field.
    const seeds: unknown = Reflect.get(this, 'startupNodes')
    return listened(Reflect.construct(EndingCluster, [seeds, { ...this.options, ...override }]))
  }
}

function endAgain(this: EndingCluster): void {
  if (this.status !== 'end') this.end()
}

/** Without any listener ioredis would write errors to the console. */
function listened<Client extends RedisClient>(copy: Client): Client {
  copy.on('error', () => undefined)
  return copy
}

const SLOWEST_RECONNECT_MS = 5_000
const SILENCE_MS = 25_000
/** How often the Cluster's slots are read. A moved slot is also noticed by its next command. */
const SLOTS_EVERY_MS = 10_000
/** Retries of a Cluster's commands, {@link AGAIN_MS} apart: for hours, as commands to a single server wait, too. */
const MOST_REDIRECTIONS = 100_000
const AGAIN_MS = 100

/**
 * A connection whose commands wait until Redis is reachable (`maxRetriesPerRequest: null`, which BullMQ's consumers need). Callers that
 * must not wait check `status` or use a timeout.
 */
export function connectRedis(options: ConnectOptions): RedisClient {
  const { target, random = Math.random } = options
  const client = open(target, commonOptions(options), jitteredBackoff(random))
  client.on('error', options.onError)
  return client
}

type Backoff = (times: number) => number

/** With jitter, so that many pods do not reconnect in one wave. */
function jitteredBackoff(random: () => number): Backoff {
  return (times) =>
    Math.round((0.1 + 0.9 * random()) * Math.min(SLOWEST_RECONNECT_MS, 100 * 2 ** Math.min(times, 10)))
}

function commonOptions({ target, name }: ConnectOptions) {
  const { username, password, tls } = target
  return {
    connectionName: name,
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    // A connection silent for this long while commands wait is dead. Must be longer than any command blocks.
    socketTimeout: SILENCE_MS,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === null ? {} : { tls }),
  } satisfies RedisOptions
}

function open(
  { place, tls }: RedisTarget,
  common: ReturnType<typeof commonOptions>,
  backoff: Backoff,
): RedisClient {
  const single = { ...common, retryStrategy: backoff, reconnectOnError: afterDemotion }
  switch (place.kind) {
    case 'standalone':
      return new EndingRedis(place.url, single)
    case 'sentinel':
      return new EndingRedis({
        ...single,
        sentinels: place.sentinels.map((sentinel) => ({ ...sentinel })),
        name: place.master,
        sentinelRetryStrategy: backoff,
        ...(place.username === undefined ? {} : { sentinelUsername: place.username }),
        ...(place.password === undefined ? {} : { sentinelPassword: place.password }),
        ...(tls === null ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
      })
    case 'cluster':
      return new EndingCluster([...place.nodes], {
        redisOptions: common,
        clusterRetryStrategy: backoff,
        slotsRefreshInterval: SLOTS_EVERY_MS,
        slotsRefreshTimeout: 5_000,
        maxRedirections: MOST_REDIRECTIONS,
        retryDelayOnFailover: AGAIN_MS,
        retryDelayOnClusterDown: AGAIN_MS,
        retryDelayOnTryAgain: AGAIN_MS,
        // Without it, nodes that redirect to one another would be asked without a pause.
        retryDelayOnMoved: 20,
      })
  }
}

/**
 * A demoted master refuses writes, and unblocks blocked clients: reconnect to the new master and send the command again.
 */
function afterDemotion(error: Error): 2 | false {
  return /\bREADONLY\b|^UNBLOCKED\b/.test(error.message) ? 2 : false
}

/** Closes in order, or disconnects when Redis does not answer within `withinMs`. Idempotent. */
export async function closeRedis(redis: RedisClient, withinMs = 2_000): Promise<void> {
  if (redis.status === 'end') return
  const timer = setTimeout(() => redis.disconnect(), withinMs)
  try {
    if (redis.status === 'ready') await redis.quit()
    else redis.disconnect()
  } catch {
    redis.disconnect()
  } finally {
    clearTimeout(timer)
  }
}
