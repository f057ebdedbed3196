// Spans as the stages know them. No stage imports OpenTelemetry; where tracing is off, none of it is loaded and nothing is
// kept. Spans carry keys, names, counts and durations: never a prompt, an answer, a variable or a credential.
import type { TraceParent } from '../job/trace-parent.ts'

/** What a span says of itself. An undefined value is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface NewSpan {
  readonly name: string
  readonly kind: 'internal' | 'client' | 'producer' | 'consumer'
  /** What it is a part of: a span of this process, or one that Redis told of. '' begins a trace. */
  readonly parent: Span | TraceParent
  /** What it follows without being a part of it; '' is left out. @default none */
  readonly links?: readonly TraceParent[]
  readonly attributes?: SpanAttributes
  /** When it began, ms since the epoch. @default now */
  readonly beganAt?: number
}

export interface Span {
  /** Where it is, for another process; '' where nothing is traced. */
  readonly place: TraceParent
  set(attributes: SpanAttributes): void
  /** Something that happened at a moment. */
  event(name: string, attributes?: SpanAttributes): void
  /** Follows another, as turned out since it began; '' does nothing. */
  link(to: TraceParent): void
  /** It did not do what it was for. @param type - a name of bounded number, never a message */
  failed(type: string): void
  /** Does `work` with this span current, for all that it calls and waits for. */
  run<T>(work: () => T): T
  /** Idempotent. */
  end(): void
}

export interface Tracing {
  /** Whether anything is traced. */
  readonly on: boolean
  start(span: NewSpan): Span
  /** The span whose work is done here. */
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

/** The class of a thrown value, as a span or a metric may name it. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

/** Does `work` in a span, which ends with it. */
export function inSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return span
    .run(work)
    .catch((error: unknown) => {
      span.failed(errorName(error))
      throw error
    })
    .finally(() => span.end())
}
