import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { UNROUTABLE } from '../../src/job/lane.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'
import { makeLaneRules } from '../../src/settings/lane-rules-file.ts'
import { SettingsError } from '../../src/settings/load-settings.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const LANE = { account: 'default', region: 'us-east-1', model: 'm' }
const NONE = NO_QUOTA
const rpm = (figure: number) => `quotas: [{ region: us-*, requestsPerMinute: ${figure} }]\n`

/** A folder as Kubernetes mounts a ConfigMap: the file is behind a symbolic link, which an update swaps. */
function mounted(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'lanes.yaml')
  let version = 0
  const swap = (next: string): void => {
    version += 1
    writeFileSync(join(folder, `v${version}`), next)
    symlinkSync(`v${version}`, join(folder, 'next'))
    renameSync(join(folder, 'next'), path)
  }
  swap(text)
  return { path, swap, remove: () => rmSync(path) }
}

function following(path: string | undefined, more: { settings?: number; byDefault?: number } = {}) {
  const events = makeEvents()
  const told: string[] = []
  events.on('laneRulesLoaded', ({ quotas }) => told.push(`loaded ${quotas}`))
  events.on('laneRulesRefused', ({ problems }) => told.push(`refused ${problems.join(' ')}`))
  const rules = makeLaneRules({
    path,
    quotas: more.settings === undefined ? [] : [{ requestsPerMinute: more.settings }],
    byDefault: { requestsPerMinute: more.byDefault ?? null, tokensPerMinute: null },
    events,
    everyMs: 5,
  })
  rules.start()
  onTestFinished(() => rules.stop())
  return { rules, told, pace: () => rules.quotaOf(LANE).requestsPerMinute }
}

describe('the file of lane rules', () => {
  it('wins over the settings, and the settings over the default', () => {
    const { path } = mounted(rpm(600))
    const { rules } = following(path, { settings: 60, byDefault: 6 })
    const of = (region: string) => rules.quotaOf({ ...LANE, region })
    expect(of('us-east-1')).toEqual({ ...NONE, requestsPerMinute: 600, origin: 'file' })
    expect(of('eu-west-1')).toEqual({ ...NONE, requestsPerMinute: 60, origin: 'settings' })
    expect(following(path, { byDefault: 6 }).rules.quotaOf({ ...LANE, region: 'x' })).toEqual({
      ...NONE,
      requestsPerMinute: 6,
      origin: 'default',
    })
    expect(following(undefined).rules.quotaOf(LANE)).toEqual({ ...NONE, origin: 'none' })
  })

  it('gives no quota to the lane of jobs that can only fail', () => {
    expect(following(undefined, { settings: 1, byDefault: 1 }).rules.quotaOf(UNROUTABLE)).toEqual({
      ...NONE,
      origin: 'none',
    })
  })

  it('takes effect when it is swapped, without a restart', async () => {
    const { path, swap } = mounted(rpm(1))
    const { pace, told } = following(path)
    expect(pace()).toBe(1)
    swap(rpm(2))
    await vi.waitFor(() => expect(pace()).toBe(2))
    expect(told).toEqual(['loaded 1', 'loaded 1'])
  })

  it('is reported once when it is wrong, emptied or gone, and the last valid rules stay', async () => {
    const { path, swap, remove } = mounted(rpm(1))
    const { pace, told } = following(path)
    swap('quotas: [{ requestsPerMinute: many }]')
    await vi.waitFor(() => expect(told.at(-1)).toContain('"many" is not a whole number'))
    swap('')
    await vi.waitFor(() => expect(told.at(-1)).toContain('it is empty'))
    remove()
    await vi.waitFor(() => expect(told.at(-1)).toContain('cannot be read: ENOENT'))
    expect(pace()).toBe(1)
    swap(rpm(3))
    await vi.waitFor(() => expect(pace()).toBe(3))
    expect(told).toHaveLength(5)
  })

  it('is not watched after close', async () => {
    const { path, swap } = mounted(rpm(1))
    const { rules, pace } = following(path)
    const other = following(path)
    await rules.stop()
    swap(rpm(2))
    await vi.waitFor(() => expect(other.pace()).toBe(2))
    expect(pace()).toBe(1)
  })

  it('ends the process with the reason when it is wrong or absent at start', () => {
    const { path } = mounted('quotas: 5')
    expect(() => following(path)).toThrow(SettingsError)
    expect(() => following(path)).toThrow(
      /QUARRY_LANES_FILE: .*lanes\.yaml, line 1: quotas: "5" is not a list/,
    )
    expect(() => following(`${path}.not`)).toThrow(/QUARRY_LANES_FILE: .*cannot be read: ENOENT/)
  })
})
