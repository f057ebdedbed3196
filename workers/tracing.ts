// Tracing, as the settings ask for it. OpenTelemetry is only loaded here, and only if tracing is on.
import type { Settings } from '../src/settings/settings.ts'
import type { Events } from '../src/telemetry/events.ts'
import { NO_TRACING, type Tracing } from '../src/telemetry/tracing.ts'

interface RunningTracing extends Tracing {
  /** Sends what waits, as far as a few seconds suffice. Never rejects. */
  stop(): Promise<void>
}

export async function startTracing(
  { tracing, roles }: Settings,
  process: { readonly name: string; readonly version: string },
  events: Events,
): Promise<RunningTracing> {
  if (tracing.exporter === 'off') return { ...NO_TRACING, stop: async () => undefined }
  const { makeOtlpTracing } = await import('../src/telemetry/otlp-tracing.ts')
  return makeOtlpTracing({
    url: tracing.endpoint,
    protocol: tracing.protocol,
    headers: tracing.headers ?? '',
    sampler: { name: tracing.sampler, ratio: Number(tracing.samplerRatio) },
    delayMs: Number(tracing.delayMilliseconds),
    mostWaiting: Number(tracing.maxWaiting),
    resource: {
      'service.name': tracing.serviceName,
      'service.version': process.version,
      'service.instance.id': process.name,
      'quarry.roles': roles.join(','),
    },
    onLost: (message) => events.emit('spansLost', { to: new URL(tracing.endpoint).host, message }),
  })
}
