// Sends spans as OTLP over HTTP. Loaded only when tracing is on. Registers no global provider of OpenTelemetry.
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

interface OtlpOptions {
  /** The full URL: `http://collector:4318/v1/traces`. */
  readonly url: string
  /** `http/json`, or protobuf. */
  readonly protocol: string
  /** In the form of OpenTelemetry's variable: `name=value,name=value`, values percent-encoded. */
  readonly headers: string
  /** OpenTelemetry's name of the sampler, and the ratio for samplers by ratio, 0 to 1. */
  readonly sampler: { readonly name: string; readonly ratio: number }
  /** Longest time that spans are collected before they are sent, ms. */
  readonly delayMs: number
  /** Most spans that wait to be sent; further ones are dropped. */
  readonly mostWaiting: number
  /** Attributes of this process. */
  readonly resource: Readonly<Record<string, string>>
  /** Called when spans could not be sent, or were dropped. */
  readonly onLost: (message: string) => void
}

/** OpenTelemetry's default, unless fewer may wait. */
const MOST_AT_ONCE = 512
/** How long a stopping process waits for a collector. */
const STOP_MS = 2_000

export function makeOtlpTracing(options: OtlpOptions): Tracing & { stop(): Promise<void> } {
  const { url, delayMs, mostWaiting } = options
  reportLost(options.onLost)
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
    // OTEL_RESOURCE_ATTRIBUTES adds to these attributes, and wins over equal names.
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

/** OpenTelemetry reports its errors by one logger for the process. */
function reportLost(onLost: (message: string) => void): void {
  const report = (text: string) => onLost(reasonIn(text))
  const nothing = () => undefined
  const logger = { error: report, warn: report, info: nothing, debug: nothing, verbose: nothing }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}

const LONGEST_REASON = 300

/** Errors come as JSON with all their fields; only the message is logged. */
function reasonIn(text: string): string {
  const [, message] = /"message":("(?:[^"\\]|\\.)*")/.exec(text) ?? []
  return (message === undefined ? text : String(JSON.parse(message))).slice(0, LONGEST_REASON)
}
