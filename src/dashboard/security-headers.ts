// Headers that keep a browser from doing what a page of ours never asks for.
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { type DashboardEnv, peerOf } from './guard.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

const COMMON = {
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // Only behind TLS, which this process does not do itself: see below.
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

/** Keeps browsers to TLS, where a proxy that is trusted says that it is used. */
export function keepTls(trusted: TrustedProxies): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    await next()
    if (c.req.header('x-forwarded-proto') === 'https' && trusted.has(peerOf(c))) {
      c.header('strict-transport-security', TWO_YEARS)
    }
  }
}
