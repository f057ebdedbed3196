import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isPassword } from '../../src/dashboard/password-hash.ts'
import { readDashboardUsers } from '../../src/settings/dashboard-users.ts'

const COMMAND = fileURLToPath(new URL('../../bin/quarry.js', import.meta.url))

function hashOf(input: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [COMMAND, 'dashboard', 'hash'], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

it('quarry dashboard hash turns a password from stdin into the form that QUARRY_DASHBOARD_USERS takes', async () => {
  const { code, stdout } = await hashOf('rock, paper: 3\nmore\n')
  expect(code).toBe(0)
  const hash = stdout.trim()
  expect(await isPassword('rock, paper: 3', hash)).toBe(true)
  expect(readDashboardUsers(`ann:operator:${hash},bob:viewer:x`).users).toHaveLength(2)
})

it('quarry dashboard hash ends with 2 without a password', async () => {
  const { code, stdout, stderr } = await hashOf('')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('there is no password on standard input')
})
