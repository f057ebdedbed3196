// What follows from the line of a job, where it is another than that of the settings.
import { afterEach, describe, expect, it } from 'vitest'
import { makeOutcomeRules } from '../../src/execute/outcome-of.ts'
import { jobKey } from '../../src/job/ids.ts'
import type { Line } from '../../src/job/line.ts'
import type { QueuedJob } from '../../src/job/queued-job.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { callTimeoutMs } from '../../workers/call-limits.ts'
import { lineOfJob } from '../../workers/connector-line.ts'
import { bindOptions } from '../../workers/documents.ts'
import { makeSecrets } from '../../workers/secrets.ts'

const settingsOf = (env: Record<string, string> = {}) => loadSettings({ env }).settings
const NO_PATHS = { paths: async () => [] }

function job(line?: Line, customHeaders = '{}'): QueuedJob {
  return {
    ...{ key: jobKey('1'), epoch: 1, processInstanceKey: '2', processDefinitionKey: '3', elementId: 'e' },
    ...{ bpmnProcessId: 'p', tenantId: 't', retries: 3, customHeaders, variables: '{}' },
    ...(line === undefined ? {} : { line }),
  }
}

describe('the line of a job', () => {
  it('is the one under which it was accepted, whatever is set now', () => {
    expect(lineOfJob(settingsOf({ QUARRY_COMPATIBILITY: '8.10' }), job('8.8'))).toBe('8.8')
  })

  it('is what is set for a job of an earlier version, or what that version followed', () => {
    expect(lineOfJob(settingsOf({ QUARRY_COMPATIBILITY: '8.8' }), job())).toBe('8.8')
    expect(lineOfJob(settingsOf(), job())).toBe('8.9')
  })
})

describe('by the line of a job', () => {
  afterEach(() => {
    delete process.env['MOVED_KEY']
    delete process.env['SECRET_MOVED_KEY']
  })

  it('its secrets have a prefix or none', async () => {
    process.env['MOVED_KEY'] = 'of 8.8'
    process.env['SECRET_MOVED_KEY'] = 'of 8.9'
    const secrets = makeSecrets(settingsOf(), null, { feel: NO_PATHS })
    expect(await secrets.value('MOVED_KEY', job('8.8'))).toBe('of 8.8')
    expect(await secrets.value('MOVED_KEY', job('8.9'))).toBe('of 8.9')
    expect(await secrets.value('MOVED_KEY', job())).toBe('of 8.9')
  })

  it('the secret filter is off only for jobs of 8.8 where an operator names that line', async () => {
    process.env['MOVED_KEY'] = 'of 8.8'
    process.env['SECRET_MOVED_KEY'] = 'of 8.9'
    const resolve = async (set: Record<string, string>, line: Line) => {
      const secrets = makeSecrets(settingsOf(set), null, { feel: NO_PATHS })
      return secrets.resolve(job(line), '{"a":"{{secrets.MOVED_KEY}}"}')
    }
    const named = { QUARRY_COMPATIBILITY: '8.8' }
    expect(await resolve(named, '8.8')).toMatchObject({ ok: true, variables: '{"a":"of 8.8"}' })
    // Without the REST API the filter cannot know what the task may use.
    expect(await resolve(named, '8.9')).toMatchObject({ ok: false })
    expect(await resolve({}, '8.8')).toMatchObject({ ok: false })
  })

  it('the header jobTimeout counts or not', () => {
    const headers = '{"jobTimeout":"PT2M"}'
    expect(callTimeoutMs(settingsOf(), job('8.8', headers))).toBe(600_000)
    expect(callTimeoutMs(settingsOf(), job('8.9', headers))).toBe(120_000)
  })

  it('documents are corrected or not', () => {
    const sanitizes = (line: Line) => bindOptions(line, settingsOf()).documentRules?.sanitizeNames
    expect([sanitizes('8.8'), sanitizes('8.9')]).toEqual([false, true])
  })

  it('a message of a failure has its variables or not', async () => {
    const rules = makeOutcomeRules({
      compatibility: '8.9',
      evaluate: () => Promise.reject(new Error('there is no expression')),
      onFault: () => undefined,
    })
    const messageOf = async (line?: Line) => {
      const { outcome } = await rules.failed(job(line), { type: 'x', message: 'no', input: false })
      return outcome.kind === 'failed' ? outcome.errorMessage : ''
    }
    expect(await messageOf('8.8')).toBe('no')
    expect(await messageOf('8.10')).toContain('no | Error variables: ')
    expect(await messageOf()).toContain(' | Error variables: ')
  })
})
