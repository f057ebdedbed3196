// Failures of calls to Camunda's REST API.

/** The problem JSON of a refusal (RFC 9457), each member as text. */
export type RestProblem = Readonly<Record<'type' | 'title' | 'status' | 'detail' | 'instance', string>>

/** Thrown when a REST call failed. The message has method, path and reason, but no header. */
export class RestError extends Error {
  override readonly name = 'RestError'
  /** The HTTP status, null when there was no answer. */
  readonly status: number | null
  /** Camunda's reason (`detail` or `title` of its problem JSON); empty if it gave none. */
  readonly detail: string
  /** The whole problem JSON; null if the answer was none. */
  readonly problem: RestProblem | null

  constructor(
    message: string,
    facts: { status: number | null; detail?: string; problem?: RestProblem | null; cause?: unknown },
  ) {
    super(message, { cause: facts.cause })
    this.status = facts.status
    this.detail = facts.detail ?? ''
    this.problem = facts.problem ?? null
  }

  /** Whether the same call may go through later (Camunda's client retries these). */
  get later(): boolean {
    return this.status === null || [429, 500, 502, 503, 504].includes(this.status)
  }
}
