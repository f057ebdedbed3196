import { describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { settingsProblems } from './settings-problems.ts'

const ON = { QUARRY_TRACING: 'otlp' }

function tracing(env: Record<string, string>) {
  return loadSettings({ env }).settings.tracing
}

describe('settings of tracing', () => {
  it('leave tracing off, whatever a platform sets for every pod', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'xray',
      OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://localhost:2000',
      OTEL_BSP_SCHEDULE_DELAY: '5s',
    }
    expect(tracing(env).exporter).toBe('off')
  })

  it('accept the address of a collector, or its path for traces', () => {
    const general = { ...ON, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }
    expect(tracing(general).endpoint).toBe('http://collector:4318/v1/traces')
    const own = { ...general, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/in' }
    expect(tracing(own).endpoint).toBe('https://traces.example.com/in')
  })

  it.each([
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'collector:4318', /is not a URL that starts with http/],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', /"grpc" is not one of http\/protobuf, http\/json/],
    ['OTEL_TRACES_SAMPLER', 'xray', /is not one of always_on/],
    ['OTEL_TRACES_SAMPLER_ARG', '2', /is not a number from 0 to 1/],
    ['OTEL_BSP_SCHEDULE_DELAY', '0', /is not a whole number from 1 up/],
    ['OTEL_BSP_MAX_QUEUE_SIZE', 'many', /is not a whole number from 1 up/],
  ])('are checked once tracing is on: %s=%s', (name, value, message) => {
    expect(settingsProblems({ ...ON, [name]: value })).toEqual([expect.stringMatching(message)])
    expect(settingsProblems({ [name]: value })).toEqual([])
  })

  it('never show headers', () => {
    const [problem] = settingsProblems({ ...ON, OTEL_EXPORTER_OTLP_HEADERS: 'Bearer of-the-tests' })
    expect(problem).toContain('OTEL_EXPORTER_OTLP_HEADERS')
    expect(problem).not.toContain('of-the-tests')
    expect(settingsProblems({ ...ON, OTEL_EXPORTER_OTLP_HEADERS: 'key=50%' })).toHaveLength(1)
    expect(
      settingsProblems({ ...ON, OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x,api-key=y' }),
    ).toEqual([])
  })
})
