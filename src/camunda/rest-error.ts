// What goes wrong on the way to Camunda's REST API.

/** Thrown when a REST call did not go through. The message names method, path and reason, and no header. */
export class RestError extends Error {
  override readonly name = 'RestError'
  /** The HTTP status, null when there was no answer. */
  readonly status: number | null
  /** What Camunda said of it (`detail` or `title` of its problem JSON), empty when it said nothing. */
  readonly detail: string

  constructor(message: string, facts: { status: number | null; detail?: string; cause?: unknown }) {
    super(message, { cause: facts.cause })
    this.status = facts.status
    this.detail = facts.detail ?? ''
  }

  /** Whether the same call may go through later (Camunda's client sends these again). */
  get later(): boolean {
    return this.status === null || [429, 500, 502, 503, 504].includes(this.status)
  }
}
