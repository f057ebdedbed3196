// `quarry dashboard hash`: hashes a password from standard input for QUARRY_DASHBOARD_USERS. Stores nothing.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { hashPassword } from '../dashboard/password-hash.ts'
import { UsageError } from './usage-error.ts'

/** The command `quarry dashboard hash`. */
export async function dashboardHash(): Promise<number> {
  const password = await readPassword()
  if (password === '') throw new UsageError('there is no password on standard input.', 'dashboard hash')
  process.stdout.write(`${await hashPassword(password)}\n`)
  return 0
}

/** One line; on a terminal it is not shown. */
async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password: ')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (process.stdin.isTTY) process.stderr.write('\n')
  }
}
