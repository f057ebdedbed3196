// The checks that every request for the page, the API and the raw queues must pass: sign-in and origin.
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import type { Access, Person } from './access.ts'
import { makeBasicSignIn } from './basic-auth.ts'
import { lockedPage, wantsPage } from './locked-page.ts'
import { problem } from './problem.ts'
import { signInByProxy } from './proxy-auth.ts'
import { cameByProxy, hostName, isOwnOrigin } from './request-origin.ts'
import { makeTrustedProxies, type TrustedProxies } from './trusted-proxies.ts'

/** What the routes of the dashboard read from the context of a request. */
export interface DashboardEnv {
  readonly Bindings: HttpBindings
  readonly Variables: { person: Person }
}

/** Identifies the sender of a request, or refuses the request. */
type Identify = (c: Context<DashboardEnv>) => Promise<Person | Response>

export interface GuardParts {
  readonly access: Access
  /** ms. */
  readonly now: () => number
  /** Called once when an untrusted proxy forwards requests: everybody behind it then counts as one sender. */
  readonly onForwarded: (proxy: string) => void
}

export function makeGuard(parts: GuardParts): MiddlewareHandler<DashboardEnv> {
  const identify = makeIdentify(parts)
  return async (c, next) => {
    const header = (name: string) => c.req.header(name)
    const { method } = c.req
    const asked = { site: header('sec-fetch-site'), origin: header('origin'), host: header('host') }
    if (!isOwnOrigin({ method, ...asked })) {
      return problem(c, 403, 'This request comes from another page. Make changes on the dashboard itself.')
    }
    const person = await identify(c)
    if (person instanceof Response) return person
    c.set('person', person)
    await next()
  }
}

function makeIdentify(parts: GuardParts): Identify {
  const { access } = parts
  switch (access.kind) {
    case 'none':
      return async (c) => identifyAnyone(access, c)
    case 'basic':
      return makeIdentifyBasic(access, parts)
    case 'proxy': {
      const trusted = makeTrustedProxies(access.trusted)
      return async (c) => identifyByProxy(access, trusted, c)
    }
    case 'locked':
      return async (c) => (wantsPage(c) ? lockedPage(c, access.reason) : problem(c, 403, access.reason))
  }
}

const BY_PROXY =
  'The dashboard has no sign-in, so it refuses requests that come through a proxy. Set QUARRY_DASHBOARD_USERS (a password), or QUARRY_DASHBOARD_AUTH=proxy and QUARRY_DASHBOARD_TRUSTED_PROXIES (the proxy signs people in).'

function identifyAnyone({ hosts }: Extract<Access, { kind: 'none' }>, c: Context<DashboardEnv>) {
  // DNS rebinding: a foreign page can point a name of its own at this machine, and is then of the same origin.
  const name = hostName(c.req.header('host'))
  if (hosts !== null && (name === null || !hosts.includes(name))) {
    return problem(
      c,
      403,
      'The dashboard has no sign-in, so it only accepts the host names of this machine: use http://localhost, or set QUARRY_DASHBOARD_AUTH.',
    )
  }
  // Otherwise everybody who reaches the proxy would be an operator.
  const { headers, httpVersion } = c.env.incoming
  if (hosts !== null && cameByProxy(headers, httpVersion)) return problem(c, 403, BY_PROXY)
  return { name: 'anyone', role: 'operator' } as const
}

function makeIdentifyBasic(
  { users, trusted }: Extract<Access, { kind: 'basic' }>,
  { now, onForwarded }: GuardParts,
): Identify {
  const signIn = makeBasicSignIn(users, now)
  const proxies = makeTrustedProxies(trusted)
  let isTold = false
  return async (c) => {
    const [peer, forwardedFor] = [peerOf(c), c.req.header('x-forwarded-for')]
    if (forwardedFor !== undefined && !proxies.has(peer) && !isTold) {
      isTold = true
      onForwarded(peer)
    }
    const address = proxies.sender(peer, forwardedFor)
    const signed = await signIn(c.req.header('authorization'), address)
    switch (signed.kind) {
      case 'person':
        return signed.person
      case 'unknown':
        c.header('www-authenticate', 'Basic realm="Quarry", charset="UTF-8"')
        return problem(c, 401, 'Sign in with a name and password of QUARRY_DASHBOARD_USERS.')
      case 'tooMany': {
        const seconds = Math.ceil(signed.waitMs / 1_000)
        c.header('retry-after', String(seconds))
        return problem(c, 429, `Too many wrong passwords: try again in ${seconds} s.`)
      }
    }
  }
}

function identifyByProxy(
  access: Extract<Access, { kind: 'proxy' }>,
  trusted: TrustedProxies,
  c: Context<DashboardEnv>,
): Person | Response {
  const signed = signInByProxy(access, trusted, { peer: peerOf(c), header: (name) => c.req.header(name) })
  switch (signed.kind) {
    case 'person':
      return signed.person
    case 'untrusted':
      return problem(
        c,
        403,
        'Open the dashboard through the identity proxy. QUARRY_DASHBOARD_TRUSTED_PROXIES lists the addresses that are trusted.',
      )
    case 'unknown':
      return problem(c, 401, `The identity proxy sent no user in ${access.userHeader}.`)
  }
}

/** The peer's address; IPv4 without the `::ffff:` of IPv6. */
export function peerOf(c: Context<DashboardEnv>): string {
  const address = c.env.incoming.socket.remoteAddress ?? ''
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
