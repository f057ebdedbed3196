// What goes wrong on the way to Camunda's REST API.

/** The problem JSON of a refusal (RFC 9457), each member as text. */
export type RestProblem = Readonly<Record<'type' | 'title' | 'status' | 'detail' | 'instance', string>>

/** Thrown when a REST call did not go through. The message names method, path and reason, and no header. */
export class RestError extends Error {
  override readonly name = 'RestError'
  /** The HTTP status, null when there was no answer. */
  readonly status: number | null
  /** What Camunda said of it (`detail` or `title` of its problem JSON), empty when it said nothing. */
  readonly detail: string
  /** All it said, null when it was no problem JSON. */
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

  /** Whether the same call may go through later (Camunda's client sends these again). */
  get later(): boolean {
    return this.status === null || [429, 500, 502, 503, 504].includes(this.status)
  }
}
