// Settings of tracing: a switch of our own, and OpenTelemetry's variables. A part of the schema in settings.ts; reads
// nothing.
import { z } from 'zod'
import type { Translate } from './foreign.ts'
import { optionalSetting, setting } from './setting.ts'
import { choice, text, yesOrNo } from './setting-types.ts'

const PROTOCOLS = ['http/protobuf', 'http/json'] as const

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** The general variable holds a collector's base address; the one for traces holds the whole address. */
const traces: Translate = (address) => `${address.replace(/\/+$/, '')}/v1/traces`

// Platforms set OpenTelemetry's variables in every pod. While tracing is off, an invalid one must not keep a process from
// starting, so these are texts that are only checked when tracing is on.
export const tracingSettings = z.strictObject({
  exporter: setting(choice(['off', 'otlp']), {
    environment: ['QUARRY_TRACING'],
    doc: 'otlp traces jobs from activation to report and sends the spans to an OpenTelemetry collector; off traces nothing.',
    example: 'otlp',
    default: 'off',
  }),
  endpoint: setting(text(), {
    environment: ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    translate: { OTEL_EXPORTER_OTLP_ENDPOINT: traces },
    doc: 'Address that spans are sent to. To the value of the general variable, /v1/traces is added.',
    example: 'http://otel-collector:4318/v1/traces',
    secret: 'credentials',
    default: 'http://localhost:4318/v1/traces',
  }),
  protocol: setting(text(), {
    environment: ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    doc: `Protocol: ${PROTOCOLS.join(' or ')}.`,
    example: 'http/json',
    default: 'http/protobuf',
  }),
  headers: optionalSetting(text(), {
    environment: ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
    doc: 'HTTP headers to send along: names and percent-encoded values, with commas between them.',
    example: 'x-api-key=h4rd-t0-guess',
    secret: 'whole',
  }),
  fromVariables: setting(yesOrNo(), {
    environment: ['QUARRY_TRACE_FROM_VARIABLES'],
    doc: 'Whether a process variable `traceparent` sets the trace that a job belongs to. Whoever starts an instance then decides, with the usual samplers, whether it is recorded. The task header of that name always counts.',
    example: 'false',
    default: 'true',
  }),
  serviceName: setting(text(), {
    environment: ['OTEL_SERVICE_NAME'],
    doc: 'Name of the service in traces.',
    example: 'quarry-eu',
    default: 'quarry',
  }),
  sampler: setting(text(), {
    environment: ['OTEL_TRACES_SAMPLER'],
    doc: `Which traces are recorded: ${SAMPLERS.join(', ')}.`,
    example: 'parentbased_traceidratio',
    default: 'parentbased_always_on',
  }),
  samplerRatio: setting(text(), {
    environment: ['OTEL_TRACES_SAMPLER_ARG'],
    doc: 'Share of traces that a ratio sampler records, 0 to 1.',
    example: '0.05',
    default: '1',
  }),
  delayMilliseconds: setting(text(), {
    environment: ['OTEL_BSP_SCHEDULE_DELAY'],
    doc: 'Longest time to collect spans before they are sent, in milliseconds.',
    example: '1000',
    default: '5000',
  }),
  maxWaiting: setting(text(), {
    environment: ['OTEL_BSP_MAX_QUEUE_SIZE'],
    doc: 'Most spans that wait to be sent; further ones are dropped.',
    example: '8192',
    default: '2048',
  }),
})

type Tracing = z.infer<typeof tracingSettings>

const WHOLE_NUMBER = /^[1-9]\d{0,8}$/
const HEADERS = /^[^=,\s]+=[^,]*(,\s*[^=,\s]+=[^,]*)*,?$/

/** Checks when tracing is on; each text completes "… is not …". */
const RULES: readonly (readonly [
  Exclude<keyof Tracing, 'fromVariables'>,
  (value: string) => boolean,
  string,
])[] = [
  ['endpoint', isHttpUrl, 'a URL that starts with http:// or https://'],
  ['protocol', isOneOf(PROTOCOLS), `one of ${PROTOCOLS.join(', ')} (a collector takes these at port 4318)`],
  ['headers', isHeaders, 'a list of name=value, values percent-encoded, with commas between them'],
  ['sampler', isOneOf(SAMPLERS), `one of ${SAMPLERS.join(', ')}`],
  ['samplerRatio', matches(/^(0|1|0?\.\d{1,9}|1\.0{1,9})$/), 'a number from 0 to 1'],
  ['delayMilliseconds', matches(WHOLE_NUMBER), 'a whole number from 1 up'],
  ['maxWaiting', matches(WHOLE_NUMBER), 'a whole number from 1 up'],
]

function matches(pattern: RegExp): (value: string) => boolean {
  return (value) => pattern.test(value)
}

function isOneOf(words: readonly string[]): (value: string) => boolean {
  return (value) => words.includes(value)
}

function isHttpUrl(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value)
}

function isHeaders(value: string): boolean {
  return HEADERS.test(value) && !/%(?![0-9a-f]{2})/i.test(value)
}

/** Checks the settings of tracing when it is on. */
export function checkTracingSettings(
  { tracing }: { readonly tracing: Tracing },
  context: z.RefinementCtx,
): void {
  if (tracing.exporter === 'off') return
  for (const [key, rule, message] of RULES) {
    const input = tracing[key]
    if (input === undefined || rule(input)) continue
    context.addIssue({ code: 'custom', path: ['tracing', key], message, input })
  }
}
