import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { dashboardUsers } from '../../workers/dashboard.ts'

const usersOf = (env: Record<string, string>) => dashboardUsers(loadSettings({ env }).settings)
const HASH = `scrypt$15$8$3$${'A'.repeat(22)}==$${'B'.repeat(43)}=`

describe('users of the dashboard', () => {
  it('are separated by commas or lines, and passwords may contain commas and colons', () => {
    expect(usersOf({})).toEqual([])
    expect(usersOf({ QUARRY_DASHBOARD_USERS: `ann:operator:${HASH}, bob:viewer:a:b` })).toEqual([
      { name: 'ann', role: 'operator', password: HASH },
      { name: 'bob', role: 'viewer', password: 'a:b' },
    ])
    expect(usersOf({ QUARRY_DASHBOARD_USERS: '# who\nann:operator:a,b:c\n\nbob:viewer:x' })).toEqual([
      { name: 'ann', role: 'operator', password: 'a,b:c' },
      { name: 'bob', role: 'viewer', password: 'x' },
    ])
  })

  it.each([
    ['ann', 'entry 1 does not begin with a name'],
    ['ann:operator:sesame,eve:root:sesame', 'entry 2 has a role that is not viewer or operator'],
    ['ann:operator:', 'entry 1 has no password'],
    ['ann:operator:sesame,ann:viewer:x', 'entry 2 has the name of another'],
    ['ann:operator:scrypt$sesame', 'entry 1 has a hash that `quarry dashboard hash` did not make'],
    ['#', 'there is no user'],
  ])('are refused without being shown: %s', (text, message) => {
    const load = () => usersOf({ QUARRY_DASHBOARD_USERS: text })
    expect(load).toThrow(message)
    expect(load).not.toThrow('sesame')
  })

  it('come from a file or from the setting, not from both', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-users-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'users')
    await writeFile(file, 'ann:operator:rock\n')
    expect(usersOf({ QUARRY_DASHBOARD_USERS_FILE: file })).toMatchObject([{ name: 'ann' }])
    expect(() =>
      usersOf({ QUARRY_DASHBOARD_USERS_FILE: file, QUARRY_DASHBOARD_USERS: 'bob:viewer:x' }),
    ).toThrow('possible together with QUARRY_DASHBOARD_USERS')
    await writeFile(file, 'ann:rock\n')
    expect(() => usersOf({ QUARRY_DASHBOARD_USERS_FILE: file })).toThrow(
      `The file ${file} holds no users: entry 1`,
    )
    expect(() => usersOf({ QUARRY_DASHBOARD_USERS_FILE: '/not/there' })).toThrow('ENOENT')
  })

  it.each(['10.0.0.0/33', '10.0.0/8', 'proxy', '::1/129', '10.0.0.1/'])('trust no proxy %s', (network) => {
    expect(() => loadSettings({ env: { QUARRY_DASHBOARD_TRUSTED_PROXIES: network } })).toThrow(
      'an IP address or a network',
    )
  })
})
