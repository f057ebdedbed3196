// Health and metrics over HTTP. The paths of the stock runtime work too, so that probes written for it keep working.
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'

/** Further routes of a role; answers 404 to unknown paths. */
export interface HttpPages {
  fetch(request: Request, bindings: HttpBindings): Response | Promise<Response>
}

export interface HttpServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly ready: () => boolean
  /** The last state of each dependency, by name. */
  readonly checks: () => Readonly<Record<string, { readonly up: boolean } | null>>
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /**
   * Who gets the details of `/health`: addresses, reasons, lanes. `loopback`: requests from this machine, not through a proxy.
   * @default loopback
   */
  readonly healthDetails?: 'loopback' | 'all'
  /** Gets errors of Quarry's own; the client is not shown them. */
  readonly onFault?: (error: unknown) => void
  /** Further content of `/health`, on which readiness does not depend: version, roles, outages. */
  readonly about: () => Readonly<Record<string, unknown>>
  /** Serves all other paths. */
  readonly pages?: HttpPages | undefined
}

interface HttpServer {
  /** `http://host:port` */
  readonly url: string
  close(): Promise<void>
}

/** @throws Error that says what to do when it cannot listen on the address. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: routes(options).fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(options, error)))
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

function routes(options: HttpServerOptions): Hono<{ Bindings: HttpBindings }> {
  const { ready, checks, about, pages, healthDetails: details = 'loopback' } = options
  const app = new Hono<{ Bindings: HttpBindings }>()
  const health = (c: Asked): { status: string; checks: unknown } => {
    const found = checks()
    const shown = isTold(c, details)
      ? found
      : Object.fromEntries(Object.entries(found).map(([name, check]) => [name, check && { up: check.up }]))
    return { status: ready() ? 'UP' : 'DOWN', checks: shown }
  }
  for (const path of ['/health/live', '/actuator/health/liveness'])
    app.get(path, (c) => c.json({ status: 'UP' }))
  for (const path of ['/health/ready', '/actuator/health/readiness']) {
    app.get(path, (c) => c.json(health(c), ready() ? 200 : 503))
  }
  for (const path of ['/health', '/actuator/health']) {
    app.get(path, (c) =>
      c.json({ ...health(c), ...(isTold(c, details) ? about() : {}) }, ready() ? 200 : 503),
    )
  }
  const metrics = shared(options.metrics)
  for (const path of ['/metrics', '/actuator/prometheus']) {
    app.get(path, async (c) =>
      c.body(await metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
    )
  }
  if (pages !== undefined) app.notFound((c) => pages.fetch(c.req.raw, c.env))
  app.onError((error, c) => {
    options.onFault?.(error)
    return c.json({ error: 'Internal error; the log of this process has the details.' }, 500)
  })
  return app
}

type Asked = Context<{ Bindings: HttpBindings }>

const FORWARDED = ['x-forwarded-for', 'forwarded', 'via']

function isTold(c: Asked, details: NonNullable<HttpServerOptions['healthDetails']>): boolean {
  if (details === 'all') return true
  const peer = c.env.incoming.socket.remoteAddress ?? ''
  const isHere = peer === '::1' || /^(::ffff:)?127\./.test(peer)
  return isHere && FORWARDED.every((header) => c.req.header(header) === undefined)
}

/** Concurrent requests share one result, so that many cost as much as one. */
function shared<T>(make: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= make().finally(() => {
      running = null
    })
    return running
  }
}

function listenError(options: HttpServerOptions, error: NodeJS.ErrnoException): Error {
  const where = `${options.host}:${options.port}`
  const hint =
    error.code === 'EADDRINUSE'
      ? 'another process uses it: set QUARRY_PORT to a free port, or to 0 for any'
      : 'set QUARRY_HOST and QUARRY_PORT to an address of this machine'
  return new Error(`Cannot serve health and metrics on ${where} (${error.code ?? error.message}): ${hint}`, {
    cause: error,
  })
}
