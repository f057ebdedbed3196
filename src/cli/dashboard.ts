// `quarry dashboard hash`: a password from standard input as a hash for QUARRY_DASHBOARD_USERS. It keeps nothing.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { hashPassword } from '../dashboard/password-hash.ts'
import { COMMAND_TABLE } from './command-table.ts'
import { writeHelp } from './help.ts'
import { parseFlags } from './parse-flags.ts'
import { UsageError } from './usage-error.ts'

/** The command `quarry dashboard hash`. */
export async function dashboard(argv: readonly string[]): Promise<number> {
  const flags = parseFlags('dashboard', argv, COMMAND_TABLE.dashboard.flags, 1)
  if (flags.switches.has('help')) return writeHelp('dashboard')
  if (flags.others[0] !== 'hash') throw new UsageError('what of the dashboard? There is hash.', 'dashboard')
  const password = await readPassword()
  if (password === '') throw new UsageError('there is no password on standard input.', 'dashboard')
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
