// A TCP proxy on a fixed port of loopback that does what networks do: refuses, cuts, goes silent, delays, half-closes.
// It knows nothing of what goes through.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { onFreePort, orPortTaken } from '../../embedded/free-port.ts'

export interface TcpProxy {
  readonly port: number
  /** Everything passes (again): what was held back while it was silent is lost with its connection. */
  open(): Promise<void>
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>
  /** Connections stay and new ones are taken, but nothing passes any more, in either direction. */
  silence(): void
  /** Nothing passes any more over the connections that there are, and nobody is told; new ones are as ever. @returns how many. */
  swallow(): number
  /** What the target says does not pass any more, what it is told does: its answers are lost. */
  mute(): void
  /** What passes from now on takes this much longer, each way. */
  delay(ms: number): void
  /** Says "no more from me" on every connection, towards the client, and goes on to pass what that one sends. */
  halfClose(): void
  close(): Promise<void>
}

/** A connection through the proxy. */
interface Pair {
  readonly near: Socket
  readonly far: Socket
  swallowed: boolean
}

/** Starts the proxy, open. */
export async function startTcpProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  const manner = { delayMs: 0, silent: false, muted: false }
  let server: Server | null = null
  const accept = (near: Socket): void => {
    const pair: Pair = { near, far: connect({ ...target, allowHalfOpen: true }), swallowed: false }
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      near.destroy()
      pair.far.destroy()
    }
    for (const socket of [near, pair.far]) socket.on('error', end).on('close', end)
    const isSilent = () => manner.silent || pair.swallowed
    pass(near, pair.far, manner, isSilent)
    pass(pair.far, near, manner, () => manner.muted || isSilent())
  }
  const listen = async (port: number): Promise<number> => {
    const opening = createServer({ allowHalfOpen: true }, accept).listen(port, '127.0.0.1')
    await once(opening, 'listening').catch(orPortTaken)
    server = opening
    return port
  }
  const dropAll = (): void => {
    for (const { near, far } of pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    pairs.clear()
  }
  const cut = async (): Promise<void> => {
    const closing = server
    server = null
    if (closing === null) return
    const closed = once(closing, 'close')
    closing.close()
    dropAll()
    await closed
  }
  const port = await onFreePort(listen)
  return {
    port,
    cut,
    close: cut,
    async open() {
      if (manner.silent || manner.muted) dropAll()
      manner.silent = false
      manner.muted = false
      if (server === null) await listen(port)
    },
    silence() {
      manner.silent = true
    },
    mute() {
      manner.muted = true
    },
    swallow() {
      for (const pair of pairs) pair.swallowed = true
      return pairs.size
    },
    delay(ms) {
      manner.delayMs = ms
    },
    halfClose() {
      for (const { near } of pairs) near.end()
    },
  }
}

/** Passes on what comes from one socket, in order, each piece after the delay in force when it came. */
function pass(from: Socket, to: Socket, manner: { readonly delayMs: number }, isSilent: () => boolean): void {
  const waiting: { readonly dueAt: number; readonly deliver: () => void }[] = []
  let timer: NodeJS.Timeout | undefined
  const deliverDue = (): void => {
    timer = undefined
    while (waiting[0] !== undefined && waiting[0].dueAt <= performance.now()) waiting.shift()?.deliver()
    const [next] = waiting
    if (next !== undefined) timer = setTimeout(deliverDue, Math.max(0, next.dueAt - performance.now()))
  }
  const put = (deliver: () => void): void => {
    if (isSilent()) return
    waiting.push({ dueAt: performance.now() + manner.delayMs, deliver })
    if (timer === undefined) deliverDue()
  }
  from.on('data', (piece) => put(() => to.writable && to.write(piece)))
  from.on('end', () => put(() => to.end()))
  from.on('close', () => clearTimeout(timer))
}
