import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { COMMAND, runQuarry } from './run-quarry.ts'

describe('help', () => {
  it.each([['--help'], ['-h'], ['help']])('quarry %s lists the commands and ends with 0', async (...argv) => {
    const { code, stdout, stderr } = await runQuarry(argv)
    expect(stdout).toMatch(/ {2}start .*\n {2}demo .*\n {2}sim .*\n {2}config /)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each([
    ['start', '--help'],
    ['help', 'start'],
    ['start', '-h'],
  ])('quarry %s %s lists the flags of start', async (...argv) => {
    const { code, stdout } = await runQuarry(argv)
    for (const flag of ['--config', '--roles', '--regions', '--port']) expect(stdout).toContain(flag)
    expect(code).toBe(0)
  })

  it('has colours only if NO_COLOR is not set and the output supports them', async () => {
    const colour = '\u001b['
    expect((await runQuarry(['--help'])).stdout).not.toContain(colour)
    expect((await runQuarry(['--help'], { FORCE_COLOR: '1' })).stdout).toContain(colour)
    expect((await runQuarry(['--help'], { NO_COLOR: '1' })).stdout).not.toContain(colour)
  })

  it('--version names the version of the package', async () => {
    expect((await runQuarry(['--version'])).stdout).toBe(`quarry ${manifest.version}\n`)
  })
})

describe('a wrong command line ends with 2 and suggests what is near', () => {
  it.each([
    [['strat'], "unknown command 'strat' (Did you mean start?)\nRun `quarry --help` "],
    [['xyzzy'], "unknown command 'xyzzy'\n"],
    [['--verson'], "unknown option '--verson' (Did you mean --version?)"],
    [
      ['start', '--rols', 'adapter'],
      "unknown option '--rols' (Did you mean --roles?)\nRun `quarry start --help` ",
    ],
    [['start', '--port'], "option '--port <port>' argument missing"],
    [
      ['start', '--port', '--roles', 'ops'],
      "'--port <port>' argument '--roles' is invalid. It needs a value.",
    ],
    [['start', '--port='], "'--port <port>' argument '' is invalid. It needs a value."],
    [['config', '--json=yes'], "unknown option '--json=yes'"],
    [['config', 'redis'], "too many arguments for 'config'. Expected 0 arguments but got 1: redis."],
    [['help', 'strat'], "unknown command 'strat'"],
    [['strat', '--help'], "unknown command 'strat'"],
    [['config', '--config', 'no-such-file.yaml'], 'the file no-such-file.yaml cannot be read: ENOENT'],
  ])('%j', async (argv, problem) => {
    const { code, stdout, stderr } = await runQuarry(argv)
    expect(stderr).toContain(`quarry: `)
    expect(stderr).toContain(problem)
    expect(stderr).not.toContain('    at ')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('quarry config', () => {
  it('shows values with their sources and masks secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'quarry.yaml')
    await writeFile(file, 'maxBacklog: 77\n')
    const env = { CAMUNDA_OAUTH_TOKEN: 'sesame', REDIS_URL: 'redis://bob:sesame@redis:6379' }

    const table = await runQuarry(['config', '--config', file, '--port', '1'], env)
    expect(table.code).toBe(0)
    expect(table.stdout).toMatch(/^zeebe\.auth\.token +\*\*\* +environment CAMUNDA_OAUTH_TOKEN$/m)
    expect(table.stdout).toMatch(/^redis\.url +redis:\/\/\*\*\*@redis:6379 +environment REDIS_URL$/m)
    expect(table.stdout).toMatch(/^server\.port +1 +flag --port$/m)
    expect(table.stdout).toMatch(/^maxBacklog +77 +file .*quarry\.yaml$/m)
    expect(table.stdout).not.toContain('sesame')

    const json = await runQuarry(['config', '--config', file, '--json'], env)
    expect(JSON.parse(json.stdout)).toContainEqual({
      name: 'maxBacklog',
      value: '77',
      source: `file ${file}`,
    })
    expect(json.stdout).not.toContain('sesame')
  })

  it.each(['config', 'start'])(
    'with wrong settings %s prints the problems and ends with 1',
    async (command) => {
      const env = { QUARRY_PORT: '99999', QUARRY_LEASES: 'PT1M' }
      expect(await runQuarry([command], env)).toEqual({
        code: 1,
        stdout: '',
        stderr: `quarry: There are 2 problems in the settings:
  - QUARRY_LEASES: there is no such setting. Did you mean QUARRY_LEASE?
  - QUARRY_PORT: "99999" is not a whole number from 0 to 65535. For example: QUARRY_PORT=9400
`,
      })
    },
  )
})

const LONG = { CAMUNDA_CLIENT_ID: 'a'.repeat(100_000), CAMUNDA_AUTH_STRATEGY: 'NONE' }

describe('the output of a command', () => {
  it.skipIf(process.platform === 'win32')(
    'reaches a pipe to its last byte, however slow its reader',
    async () => {
      const line = '"$0" "$@" | { sleep 1; cat; }'
      const argv = ['-c', line, process.execPath, COMMAND, 'config', '--json']
      const child = spawn('/bin/sh', argv, { env: { PATH: process.env['PATH'], ...LONG } })
      const shown = await text(child.stdout)
      // A pipe takes 64 KB at once.
      expect(shown.length).toBeGreaterThan(100_000)
      expect(JSON.parse(shown)).toBeInstanceOf(Array)
    },
  )

  it.runIf(existsSync('/dev/full'))('ends with 1 when it cannot be written', async () => {
    const full = await open('/dev/full', 'w')
    onTestFinished(() => full.close())
    const stdio = ['ignore', full.fd, 'pipe'] as const
    const child = spawn(process.execPath, [COMMAND, '--help'], { env: {}, stdio: [...stdio] })
    const said = text(child.stderr as Readable)
    expect(await once(child, 'close')).toEqual([1, null])
    expect(await said).toMatch(/^quarry: the output could not be written: ENOSPC/)
  })

  it('may be cut off by its reader', async () => {
    const child = spawn(process.execPath, [COMMAND, 'config', '--json'], { env: LONG })
    child.stdout.once('data', () => child.stdout.destroy())
    const said = text(child.stderr)
    const [code] = await once(child, 'close')
    expect({ code, said: await said }).toEqual({ code: 0, said: '' })
  })
})

it.each([
  ['ls', '`quarry lanes`'],
  ['ps', '`quarry lanes`'],
  ['describe', '`quarry jobs show KEY`'],
  ['logs', 'standard output of `quarry start`'],
  ['stop', 'SIGTERM'],
  ['status', '`quarry doctor`'],
])('quarry %s, as other tools call it, is answered with what to use: %s', async (name, use) => {
  const { code, stdout, stderr } = await runQuarry([name])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(use)
})

it.each([['version'], ['-V'], ['-v'], ['--version']])('quarry %s prints the version', async (word) => {
  expect(await runQuarry([word])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^quarry \d+\.\d+\.\d+\n$/),
  })
})
