// Security headers: they forbid the browser what our pages never need.
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { type DashboardEnv, peerOf } from './guard.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

const COMMON = {
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Set by keepTls, only behind a TLS proxy.
  strictTransportSecurity: false,
  crossOriginEmbedderPolicy: false,
}

const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}

/** For the page and its API. */
export function pageHeaders(): MiddlewareHandler {
  return secureHeaders({ ...COMMON, contentSecurityPolicy: POLICY })
}

/** Bull Board's page sets styles of elements, and has fonts and images of its own. */
export function queueHeaders(): MiddlewareHandler {
  return secureHeaders({
    ...COMMON,
    contentSecurityPolicy: {
      ...POLICY,
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      formAction: ["'self'"],
      baseUri: ["'self'"],
    },
  })
}

const TWO_YEARS = 'max-age=63072000'

/** Sends HSTS when a trusted proxy says that it terminates TLS. */
export function keepTls(trusted: TrustedProxies): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    await next()
    if (c.req.header('x-forwarded-proto') === 'https' && trusted.has(peerOf(c))) {
      c.header('strict-transport-security', TWO_YEARS)
    }
  }
}
