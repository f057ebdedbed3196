// Counts what this process sends: to Redis by the writes of its connections, where a pipeline is one, and to Zeebe by calls.
// Commands that scripts run are none: they cost no trip.
import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'
import { Redis } from 'ioredis'

/** How often each was sent: commands and scripts by name, those of a pipeline together, and gRPC methods. */
export interface RoundTrips {
  readonly redis: ReadonlyMap<string, number>
  /** Writes to Redis: what a process asks in one turn of its event loop goes together. */
  readonly writes: number
  readonly grpc: ReadonlyMap<string, number>
}

export interface RoundTripWatch {
  /** Since the last time this was asked. */
  take(): RoundTrips
  stop(): void
}

const STREAM_CREATED = 'http2.client.stream.created'
const GATEWAY = /^\/gateway_protocol\.Gateway\/(\w+)$/

/** Begins to watch. Scripts have names only of connections that are made from now on. */
export function watchRoundTrips(redisUrl: string): RoundTripWatch {
  const port = Number(new URL(redisUrl).port || 6379)
  const scripts = new Map<string, string>()
  let redis = new Map<string, number>()
  let grpc = new Map<string, number>()
  const { write, _write, _writev } = Socket.prototype
  let writes = 0
  const countWrite = ({ remotePort }: Socket): void => {
    if (remotePort === port) writes += 1
  }
  Socket.prototype._write = function counted(this: Socket, ...args) {
    countWrite(this)
    return _write.apply(this, args)
  }
  Socket.prototype._writev = function counted(this: Socket, ...args) {
    countWrite(this)
    return _writev?.apply(this, args)
  }
  const { defineCommand } = Redis.prototype
  Socket.prototype.write = function counted(this: Socket, ...args: unknown[]): boolean {
    const [data] = args
    if (this.remotePort === port && (typeof data === 'string' || Buffer.isBuffer(data))) {
      add(redis, labelOf(readCommands(Buffer.from(data)), scripts))
    }
    return Reflect.apply(write, this, args)
  }
  Redis.prototype.defineCommand = function named(this: Redis, name, definition) {
    scripts.set(createHash('sha1').update(definition.lua).digest('hex'), name)
    return defineCommand.call(this, name, definition)
  }
  const onStream = (message: unknown): void => {
    const { headers } = message as { headers: Readonly<Record<string, unknown>> }
    const [, method] = GATEWAY.exec(String(headers[':path'])) ?? []
    if (method !== undefined) add(grpc, method)
  }
  subscribe(STREAM_CREATED, onStream)
  return {
    take() {
      const taken = { redis, writes, grpc }
      writes = 0
      redis = new Map()
      grpc = new Map()
      return taken
    },
    stop() {
      Object.assign(Socket.prototype, { write, _write, _writev })
      Redis.prototype.defineCommand = defineCommand
      unsubscribe(STREAM_CREATED, onStream)
    },
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The commands of one write, as RESP has them; the arguments of each. */
function readCommands(data: Buffer): string[][] {
  const commands: string[][] = []
  let at = 0
  const readNumber = (): number => {
    const end = data.indexOf('\r\n', at)
    const number = Number(data.toString('latin1', at + 1, end))
    at = end + 2
    return number
  }
  while (at < data.length) {
    const args: string[] = []
    for (let left = readNumber(); left > 0; left -= 1) {
      const length = readNumber()
      args.push(data.toString('utf8', at, at + length))
      at += length + 2
    }
    commands.push(args)
  }
  return commands
}

function labelOf(commands: readonly string[][], scripts: ReadonlyMap<string, string>): string {
  const names = commands.map(([name = '', first = '']) => {
    const command = name.toLowerCase()
    return command === 'evalsha' ? (scripts.get(first) ?? `script ${first.slice(0, 6)}`) : command
  })
  const distinct = [...new Set(names)].sort()
  return distinct.join(' + ')
}
