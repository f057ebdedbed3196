// Errors as RFC 9457 problems: a status for programs, a detail for people.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Sign in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not allowed here',
  409: 'Not possible now',
  413: 'Too large',
  415: 'Not JSON',
  429: 'Too many tries',
  500: 'Fault',
  503: 'Not available',
}

/** Thrown when a request cannot be answered; `detail` says what is wrong and what to do. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code = 'DASHBOARD_PROBLEM'
  readonly status: ContentfulStatusCode

  constructor(status: ContentfulStatusCode, detail: string) {
    super(detail)
    this.status = status
  }
}

/** The body of an RFC 9457 problem. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  /** HTTP status. */
  readonly status: number
  /** For people: what is wrong and what to do. */
  readonly detail: string
}

/** The answer `application/problem+json`. */
export function problem(c: Context, status: ContentfulStatusCode, detail: string): Response {
  const body: Problem = { type: 'about:blank', title: TITLES[status] ?? 'Fault', status, detail }
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}
