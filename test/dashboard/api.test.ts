// What the API says of a change that Redis did not confirm.
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ApiParts, makeApi } from '../../src/dashboard/api.ts'
import type { DashboardEnv } from '../../src/dashboard/guard.ts'
import { PATIENCE_MS } from '../../src/dashboard/shared-look.ts'
import type { LaneName } from '../../src/job/ids.ts'

const LANE = 'default@eu-west-1@nova' as LaneName

async function pause(parts: Pick<ApiParts, 'available'> & { act: () => Promise<void> }) {
  const lanes = { find: async () => LANE, act: parts.act, setPace: parts.act }
  const board = { forget: () => undefined }
  const app = new Hono<DashboardEnv>()
  app.use(async (c, next) => {
    c.set('person', { name: 'ann', role: 'operator' })
    await next()
  })
  app.route('/api', makeApi({ lanes, board, available: parts.available } as unknown as ApiParts))
  const headers = { 'content-type': 'application/json', 'x-quarry-request': 'test' }
  const answer = app.request(`/api/lanes/${encodeURIComponent(LANE)}/pause`, {
    ...{ method: 'POST', headers, body: '{}' },
  })
  await vi.advanceTimersByTimeAsync(PATIENCE_MS)
  const response = await answer
  const { detail } = (await response.json()) as { detail: string }
  return { status: response.status, detail }
}

describe('a change while Redis is away', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is refused, and nothing is changed', async () => {
    const act = vi.fn(async () => undefined)
    const { status, detail } = await pause({ available: () => false, act })
    expect(status).toBe(503)
    expect(detail).toContain('nothing was read or changed')
    expect(act).not.toHaveBeenCalled()
  })

  it('may have been made even if Redis’s reply does not come', async () => {
    const silent = () => new Promise<void>(() => undefined)
    const { status, detail } = await pause({ available: () => true, act: silent })
    expect(status).toBe(503)
    expect(detail).toContain('may have been made, or may still be made')
  })

  it('may have been made even if the connection breaks meanwhile', async () => {
    let there = true
    const breaks = async () => {
      there = false
      throw new Error('Connection is closed.')
    }
    const { status, detail } = await pause({ available: () => there, act: breaks })
    expect(status).toBe(503)
    expect(detail).toContain('may have been made, or may still be made')
  })
})
