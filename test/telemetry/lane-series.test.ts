import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { boundLanes, keepLaneSeries } from '../../src/telemetry/lane-series.ts'
import { makeMetrics } from '../../src/telemetry/metrics.ts'

const lane = (model: string) => `default@eu-west-1@${model}` as LaneName

describe('series of lanes', () => {
  it('that no longer exist are removed from every metric, with those of their models; others stay', async () => {
    const registry = new Registry()
    const registers = [registry]
    const jobs = new Counter({ name: 'jobs_total', help: 'x', labelNames: ['lane', 'why'], registers })
    const wait = new Histogram({ name: 'wait', help: 'x', labelNames: ['lane'], registers })
    const calls = new Histogram({ name: 'calls', help: 'x', labelNames: ['region', 'model'], registers })
    const others = new Gauge({ name: 'others', help: 'x', labelNames: ['name'], registers })
    for (const model of ['a', 'b']) {
      jobs.inc({ lane: lane(model), why: 'x' }, 3)
      wait.observe({ lane: lane(model) }, 1)
      calls.observe({ region: 'eu-west-1', model }, 1)
    }
    others.set({ name: 'redis' }, 1)
    await keepLaneSeries(registry, [lane('a')])
    const text = await registry.metrics()
    expect(text).not.toMatch(/@b"|model="b"/)
    expect(text).toMatch(/jobs_total\{lane="default@eu-west-1@a",why="x"\} 3/)
    expect(text).toMatch(/wait_count\{lane="default@eu-west-1@a"\} 1/)
    expect(text).toMatch(/calls_count\{region="eu-west-1",model="a"\} 1/)
    expect(text).toMatch(/others\{name="redis"\} 1/)
  })

  it('are limited to the number of lanes: those beyond share `other` until names are free again', async () => {
    const events = makeEvents()
    const lanes = boundLanes(events, 3)
    const registry = makeMetrics(lanes.events, 'x')
    const expire = (name: LaneName) => events.emit('expired', { jobKey: '1' as never, lane: name } as never)
    for (let index = 0; index < 100; index += 1) expire(lane(`m${index}`))
    const series = async () =>
      (await registry.getSingleMetricAsString('quarry_jobs_expired_total'))
        .split('\n')
        .filter((line) => line.startsWith('quarry'))
    expect(await series()).toHaveLength(4)
    expect((await series()).at(-1)).toBe('quarry_jobs_expired_total{lane="other@other@other"} 97')
    lanes.keep(new Set([lane('m0')]))
    expire(lane('m99'))
    expect((await series()).join()).toContain('m99')
  })
})
