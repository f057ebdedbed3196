import { expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { variablesToFetch } from '../../workers/activation-request.ts'

const asksForTrace = (env: Record<string, string>, isTraced: boolean) =>
  variablesToFetch('8.9', loadSettings({ env }).settings, isTraced).includes('traceparent')

it('the variable that names a trace is fetched if jobs are traced, unless variables must not decide that', () => {
  expect(asksForTrace({}, true)).toBe(true)
  expect(asksForTrace({}, false)).toBe(false)
  expect(asksForTrace({ QUARRY_TRACE_FROM_VARIABLES: 'false' }, true)).toBe(false)
})
