// Tracing that sends spans as OTLP over HTTP. Loaded only where it is on. No provider is registered as OpenTelemetry's global.
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { waitAtMost } from '../time/bounded-wait.ts'
import { makeTracing } from './otel-spans.ts'
import type { Tracing } from './tracing.ts'

export interface OtlpOptions {
  /** Where spans are sent, whole: `http://collector:4318/v1/traces`. */
  readonly url: string
  /** `http/json`, or protobuf. */
  readonly protocol: string
  /** As OpenTelemetry's variable has them: `name=value,name=value`, values percent-encoded. */
  readonly headers: string
  /** One of OpenTelemetry's names, and the share for those by ratio, 0 to 1. */
  readonly sampler: { readonly name: string; readonly ratio: number }
  /** Longest time that spans are gathered, ms. */
  readonly delayMs: number
  /** Spans that may wait to be sent; more are dropped. */
  readonly mostWaiting: number
  /** What tells of this process. */
  readonly resource: Readonly<Record<string, string>>
  /** Told when spans did not get through, or were dropped. */
  readonly onLost: (message: string) => void
}

/** The default of OpenTelemetry, unless fewer may wait. */
const MOST_AT_ONCE = 512
/** How long a process that stops waits for a collector. */
const STOP_MS = 2_000

export function makeOtlpTracing(options: OtlpOptions): Tracing & { stop(): Promise<void> } {
  const { url, delayMs, mostWaiting } = options
  tellLost(options.onLost)
  const Exporter = options.protocol === 'http/json' ? JsonExporter : ProtobufExporter
  const exporter = new Exporter({ url, headers: readHeaders(options.headers) })
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: delayMs,
    maxQueueSize: mostWaiting,
    maxExportBatchSize: Math.min(MOST_AT_ONCE, mostWaiting),
  })
  const provider = new TracerProvider({
    spanProcessors: [processor],
    sampler: samplerOf(options.sampler),
    // OTEL_RESOURCE_ATTRIBUTES adds to what we say, and says it otherwise where it names the same.
    resource: resourceFromAttributes(options.resource).merge(detectResources({ detectors: [envDetector] })),
  })
  return {
    ...makeTracing(provider.getTracer('quarry', options.resource['service.version'])),
    stop: () => waitAtMost(STOP_MS, provider.shutdown()),
  }
}

function samplerOf({ name, ratio }: OtlpOptions['sampler']): Sampler {
  const root = (): Sampler => {
    if (name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(ratio)
    return name.endsWith('always_off') ? new AlwaysOffSampler() : new AlwaysOnSampler()
  }
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root: root() }) : root()
}

function readHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.trim().split('=')
      return [name, decodeURIComponent(value.join('='))]
    }),
  )
}

/** OpenTelemetry tells of its troubles by a logger, one for the process. */
function tellLost(onLost: (message: string) => void): void {
  const tell = (text: string) => onLost(reasonIn(text))
  const nothing = () => undefined
  const logger = { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}

const LONGEST_REASON = 300

/** Errors come as JSON, with all that they hold: their message is enough. */
function reasonIn(text: string): string {
  const [, message] = /"message":("(?:[^"\\]|\\.)*")/.exec(text) ?? []
  return (message === undefined ? text : String(JSON.parse(message))).slice(0, LONGEST_REASON)
}
