import { describe, expect, it } from 'vitest'
import { decideAccess } from '../../src/dashboard/access.ts'
import { cameByProxy } from '../../src/dashboard/request-origin.ts'
import { isLoopback } from '../../src/job/host-port.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'

function accessOf(env: Record<string, string>) {
  const { settings } = loadSettings({ env })
  return decideAccess(settings, settings.dashboard.users ?? [])
}

const USERS = { QUARRY_DASHBOARD_USERS: 'ann:operator:rock' }
const OPEN = { QUARRY_HOST: '0.0.0.0' }
const PROXY = { QUARRY_DASHBOARD_AUTH: 'proxy' }

describe('the dashboard', () => {
  it('needs no sign-in on a loopback address, and there accepts only host names of this machine', () => {
    expect(accessOf({})).toEqual({ kind: 'none', hosts: ['127.0.0.1', 'localhost', '127.0.0.1', '::1'] })
  })

  it.each([
    ['lets nobody in elsewhere before users are set', OPEN, 'locked'],
    ['lets nobody in with basic and without users', { QUARRY_DASHBOARD_AUTH: 'basic' }, 'locked'],
    ['lets nobody in with a proxy of which none is trusted', { ...OPEN, ...PROXY }, 'locked'],
    ['asks for passwords elsewhere', { ...OPEN, ...USERS }, 'basic'],
    ['asks for passwords on a loopback address where users are set', USERS, 'basic'],
    ['is open to all where that is asked for', { ...OPEN, QUARRY_DASHBOARD_AUTH: 'none' }, 'none'],
    [
      'believes a proxy that is trusted',
      { ...PROXY, QUARRY_DASHBOARD_TRUSTED_PROXIES: '10.0.0.0/8' },
      'proxy',
    ],
  ])('%s', (_, env, kind) => {
    expect(accessOf(env).kind).toBe(kind)
  })

  it('names the setting when it lets nobody in', () => {
    expect(accessOf(OPEN)).toMatchObject({ reason: expect.stringContaining('QUARRY_DASHBOARD_USERS_FILE') })
    expect(accessOf({ ...OPEN, ...PROXY })).toMatchObject({
      reason: expect.stringContaining('QUARRY_DASHBOARD_TRUSTED_PROXIES'),
    })
  })

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['127.evil.example', false],
    ['10.0.0.1', false],
  ])('recognises %s as loopback: %s', (host, is) => {
    expect(isLoopback(host)).toBe(is)
  })
})

it('a request through a reverse proxy is recognised by the headers that proxies add, or by HTTP/1.0', () => {
  const own = {
    host: 'localhost:9400',
    'user-agent': 'Mozilla/5.0',
    'sec-fetch-site': 'same-origin',
    accept: '*/*',
  }
  expect(cameByProxy(own, '1.1')).toBe(false)
  expect(
    cameByProxy({ ...own, origin: 'http://localhost:9400', cookie: 'a=b', 'x-quarry-request': '1' }, '1.1'),
  ).toBe(false)
  expect(cameByProxy(own, '1.0')).toBe(true)
  for (const name of [
    'X-Forwarded-For',
    'x-forwarded-proto',
    'x-forwarded-host',
    'forwarded',
    'Via',
    'x-real-ip',
    'cf-connecting-ip',
  ])
    expect(cameByProxy({ ...own, [name]: 'x' }, '1.1'), name).toBe(true)
})
