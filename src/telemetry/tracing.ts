// The tracing port of the stages. No stage imports OpenTelemetry; while tracing is off, it is not loaded and nothing is
// stored. Spans carry keys, names, counts and durations: never a prompt, an answer, a variable or a credential.
import type { TraceParent } from '../job/trace-parent.ts'

/** Attributes of a span. An undefined value is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface NewSpan {
  readonly name: string
  readonly kind: 'internal' | 'client' | 'producer' | 'consumer'
  /** The parent: a span of this process, or of another one, from Redis. '' begins a trace. */
  readonly parent: Span | TraceParent
  /** Spans that it follows without being their child; '' is left out. @default none */
  readonly links?: readonly TraceParent[]
  readonly attributes?: SpanAttributes
  /** When it began, ms since the epoch. @default now */
  readonly beganAt?: number
}

export interface Span {
  /** The span's context for another process; '' while tracing is off. */
  readonly place: TraceParent
  set(attributes: SpanAttributes): void
  /** Something that happened at a moment. */
  event(name: string, attributes?: SpanAttributes): void
  /** Adds a link to another span after the start; '' does nothing. */
  link(to: TraceParent): void
  /** Marks the span as failed. @param type - one of a bounded set of names, never a message */
  failed(type: string): void
  /** Runs `work` with this span as the current one, also in what it calls and awaits. */
  run<T>(work: () => T): T
  /** Idempotent. */
  end(): void
}

export interface Tracing {
  /** Whether anything is traced. */
  readonly on: boolean
  start(span: NewSpan): Span
  /** The current span. */
  current(): Span
}

const NO_SPAN: Span = {
  place: '',
  set: () => undefined,
  event: () => undefined,
  link: () => undefined,
  failed: () => undefined,
  run: (work) => work(),
  end: () => undefined,
}

/** Tracing that is off. */
export const NO_TRACING: Tracing = { on: false, start: () => NO_SPAN, current: () => NO_SPAN }

/** The class name of a thrown value, safe for spans and metrics. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

/** Runs `work` in a span, which ends with it. */
export function inSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return span
    .run(work)
    .catch((error: unknown) => {
      span.failed(errorName(error))
      throw error
    })
    .finally(() => span.end())
}
