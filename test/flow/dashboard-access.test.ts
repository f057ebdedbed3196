// Who may see the dashboard and change lanes there, over HTTP on a real ops role.
import { request } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { environment, startQuarryProcess } from './quarry-process.ts'
import { startQuarry } from './quarry-under-test.ts'

const CHANGE = { 'content-type': 'application/json', 'x-quarry-request': 'test' }

async function ops(env: Record<string, string>) {
  const quarry = await startQuarry({ QUARRY_ROLES: 'ops', ...env })
  onTestFinished(() => quarry.stop())
  const { url } = quarry.process
  await vi.waitUntil(() => quarry.process.ready(), { timeout: 30_000 })
  const get = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers })
  const status = async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    (await fetch(url + path, { headers, method, ...(method === 'GET' ? {} : { body: '{}' }) })).status
  return { url, get, status }
}

const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(user).toString('base64')}` })
const USERS = { QUARRY_DASHBOARD_USERS: 'ann:operator:rock,bob:viewer:pebble' }
const NO_LANE = '/api/lanes/default%40eu-west-1%40none/pause'

describe('the dashboard', () => {
  it('lets nobody in before it is set up, explains how, and still serves health and metrics', async () => {
    const { get, status } = await ops({ QUARRY_HOST: '0.0.0.0' })
    const page = await get('/', { accept: 'text/html' })
    expect(page.status).toBe(403)
    expect(await page.text()).toContain('quarry dashboard hash')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const path of ['/api/lanes', '/api/me', '/queues', '/queues/api/queues', '/assets/main.js'])
      expect(await status(path), path).toBe(403)
    expect(await status('/metrics')).toBe(200)
    expect(await status('/health/live')).toBe(200)
  })

  it('asks for a password on every path, and slows down guessing', async () => {
    const { get, status } = await ops(USERS)
    for (const path of ['/', '/assets/main.js', '/api/lanes', '/queues', '/queues/static/css/x.css'])
      expect(await status(path), path).toBe(401)
    expect((await get('/')).headers.get('www-authenticate')).toBe('Basic realm="Quarry", charset="UTF-8"')
    expect(await (await get('/api/me', basic('bob:pebble'))).json()).toMatchObject({
      name: 'bob',
      role: 'viewer',
    })
    expect(await status('/queues', basic('bob:pebble'))).toBe(200)
    const guesses = []
    for (let tries = 0; tries < 6; tries += 1) guesses.push(await get('/api/me', basic('ann:sand')))
    expect(guesses.map((each) => each.status)).toEqual([401, 401, 401, 401, 401, 429])
    expect(guesses.at(-1)?.headers.get('retry-after')).toBe('1')
    expect(await status('/api/me', basic('bob:pebble'))).toBe(200)
    expect(await status('/metrics')).toBe(200)
  })

  it('accepts changes by operators only, from its own page only, as JSON', async () => {
    const { url, status } = await ops(USERS)
    const ann = basic('ann:rock')
    expect(await status(NO_LANE, { ...ann, ...CHANGE }, 'POST')).toBe(404)
    expect(await status(NO_LANE, { ...basic('bob:pebble'), ...CHANGE }, 'POST')).toBe(403)
    expect(await status(NO_LANE, { ...ann, 'content-type': 'application/json' }, 'POST')).toBe(403)
    expect(await status(NO_LANE, { ...ann, ...CHANGE, 'content-type': 'text/plain' }, 'POST')).toBe(415)
    expect(await status(NO_LANE, { ...ann, ...CHANGE, origin: 'https://evil.example' }, 'POST')).toBe(403)
    expect(await status(NO_LANE, { ...ann, ...CHANGE, origin: url }, 'POST')).toBe(404)
    expect(await status('/api/lanes/x/pace', { ...ann, ...CHANGE }, 'PUT')).toBe(400)
    expect(await status('/api/jobs/12x/retry', { ...ann, ...CHANGE }, 'POST')).toBe(400)
    expect(await status('/queues/api/queues/x/pause', { ...ann, ...CHANGE }, 'PUT')).toBe(405)
    const large = { method: 'PUT', headers: { ...ann, ...CHANGE }, body: `{"x":"${'x'.repeat(5_000)}"}` }
    expect((await fetch(`${url}/api/lanes/x/pace`, large)).status).toBe(413)
    expect(await status('/api/nothing', ann)).toBe(404)
  })

  it('trusts the configured identity proxy only', async () => {
    const proxy = { QUARRY_DASHBOARD_AUTH: 'proxy', QUARRY_DASHBOARD_OPERATORS: 'group:platform' }
    const trusting = await ops({ ...proxy, QUARRY_DASHBOARD_TRUSTED_PROXIES: '127.0.0.0/8' })
    const bob = { 'x-forwarded-user': 'bob' }
    const ann = { 'x-forwarded-user': 'ann', 'x-forwarded-groups': 'staff,platform' }
    expect(await (await trusting.get('/api/me', bob)).json()).toMatchObject({ name: 'bob', role: 'viewer' })
    expect(await (await trusting.get('/api/me', ann)).json()).toMatchObject({ name: 'ann', role: 'operator' })
    expect(await trusting.status(NO_LANE, { ...ann, ...CHANGE }, 'POST')).toBe(404)
    expect(await trusting.status(NO_LANE, { ...bob, ...CHANGE }, 'POST')).toBe(403)
    expect(await trusting.status('/api/me')).toBe(401)
    const tls = await trusting.get('/api/me', { ...bob, 'x-forwarded-proto': 'https' })
    expect(tls.headers.get('strict-transport-security')).toContain('max-age=')
    const elsewhere = await ops({ ...proxy, QUARRY_DASHBOARD_TRUSTED_PROXIES: '10.0.0.0/8' })
    expect(await elsewhere.status('/api/me', ann)).toBe(403)
    expect(await elsewhere.status('/queues', ann)).toBe(403)
  })

  it('on a loopback address accepts only host names of this machine', async () => {
    const { url, status } = await ops({})
    expect(await status('/api/me')).toBe(200)
    expect(await statusAs(url, 'rebound.evil.example')).toBe(403)
    expect(await statusAs(url, 'localhost:9400')).toBe(200)
    // nginx's proxy_pass gives the name of this machine, whoever asked it.
    for (const by of [
      { 'x-forwarded-for': '203.0.113.7' },
      { forwarded: 'for=203.0.113.7' },
      { via: '1.1 proxy' },
    ]) {
      for (const path of ['/', '/api/me', '/queues']) expect(await status(path, by), path).toBe(403)
      expect(await status('/metrics', by)).toBe(200)
    }
  })

  it.each([
    ['warned of where others reach it', { QUARRY_HOST: '0.0.0.0', QUARRY_DASHBOARD_AUTH: 'none' }, 1],
    ['as it should be on a loopback address', { QUARRY_DASHBOARD_AUTH: 'none' }, 0],
  ])('without a sign-in is %s', async (_title, env, warnings) => {
    const quarry = await startQuarryProcess({ env: environment({ QUARRY_ROLES: 'ops', ...env }) })
    onTestFinished(async () => void (await quarry.stop()))
    await quarry.ready()
    const warned = quarry.log.filter(({ msg }) => msg === 'dashboard lets everybody in')
    expect(warned).toHaveLength(warnings)
    for (const { warning } of warned) expect(warning).toContain('QUARRY_DASHBOARD_AUTH to basic')
  })

  it('is off if it is disabled', async () => {
    const { status } = await ops({ QUARRY_DASHBOARD: 'off' })
    for (const path of ['/', '/api/lanes', '/queues']) expect(await status(path), path).toBe(404)
    expect(await status('/metrics')).toBe(200)
  })
})

/** A request that names another host than it goes to. */
function statusAs(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/api/me`, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
