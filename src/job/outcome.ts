// The result of an execution, to be reported to Zeebe. Plain data, so that it can wait in Redis while Zeebe is away.

/** The job is done; `variables` is the JSON text of an object. */
interface Completed {
  readonly kind: 'completed'
  readonly variables: string
}

/** The job failed; zero retries make an incident. */
export interface Failed {
  readonly kind: 'failed'
  /** Retries left, absolute, never negative. */
  readonly retries: number
  /** Time until Zeebe offers the job again, ms. Negative values are passed on as the stock runtime does. */
  readonly retryBackoffMs: number
  readonly errorMessage: string
  /** JSON text of an object. */
  readonly variables: string
}

/** A BPMN error for the diagram to catch. */
interface BpmnError {
  readonly kind: 'bpmnError'
  readonly errorCode: string
  readonly errorMessage: string
  /** JSON text of an object. */
  readonly variables: string
}

/** What an execution came to. */
export type Outcome = Completed | Failed | BpmnError
