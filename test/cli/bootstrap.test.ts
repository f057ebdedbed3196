import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

const BIN = fileURLToPath(new URL('../../bin', import.meta.url))
const LOCK = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }
const VITEST = 'node_modules/vitest/vitest.mjs'
const LINT = 'node_modules/@biomejs/biome/bin/biome'
const TYPES = 'node_modules/typescript/bin/tsc'
const NODE = `node-${process.platform}-${process.arch}`
const PACKAGE = { type: 'module', optionalDependencies: { [NODE]: '1.0.0' } }

// A project with the real bootstrap, whose tools are scripts of a line or two.
let root: string

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

const putJson = (path: string, value: unknown) => put(path, JSON.stringify(value))

function bootstrap(argv: readonly string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; output: string; lastLine: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, 'bin/bootstrap.js'), ...argv],
      { env: { PATH: `${join(root, 'path')}:${dirname(process.execPath)}:/usr/bin:/bin`, ...env } },
      (_error, stdout, stderr) => {
        const lastLine = stdout.trimEnd().split('\n').at(-1) ?? ''
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr, lastLine })
      },
    )
  })
}

/** A vitest that writes this report to its output file and then runs `after`. */
function fakeVitest(report: unknown, after = ''): string {
  return `import { writeFileSync } from 'node:fs'
console.log('vitest', process.argv.slice(2).filter((one) => !one.startsWith('--')).join(' '))
const file = process.argv.find((one) => one.startsWith('--outputFile.json=')).split('=')[1]
const report = ${JSON.stringify(report)}
if (report) writeFileSync(file, JSON.stringify(report))
${after}`
}

const report = (numPassedTests: number, numFailedTests: number, testResults: unknown[] = []) => ({
  numPassedTests,
  numFailedTests,
  testResults,
})

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quarry-bootstrap-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await cp(BIN, join(root, 'bin'), { recursive: true })
  await putJson('package.json', PACKAGE)
  await putJson('package-lock.json', LOCK)
  await putJson('node_modules/.package-lock.json', LOCK)
  await mkdir(join(root, 'node_modules', NODE, 'bin'), { recursive: true })
  await symlink(process.execPath, join(root, 'node_modules', NODE, 'bin/node'))
  await put(LINT, "console.log('lint ran')")
  await put(TYPES, "console.log('types ran')")
  await put(VITEST, fakeVitest(report(3, 0)))
  await put('path/npm', '#!/bin/sh\necho "npm $*"\nexit 9\n')
  await chmod(join(root, 'path/npm'), 0o755)
})

describe('demo', () => {
  it('passes arguments on and ends with the exit code of the demo', async () => {
    await put('bin/quarry.js', 'console.log(process.argv.slice(2).join(" ")); process.exit(7)')
    expect(await bootstrap(['demo', '--jobs', '5'])).toMatchObject({ code: 7, output: 'demo --jobs 5\n' })
  })

  it("finds the project's own commands first", async () => {
    await put('bin/quarry.js', 'console.log(process.env.PATH)')
    expect((await bootstrap(['demo'])).output).toMatch(new RegExp(`^${join(root, 'node_modules/.bin')}:`))
  })

  it('ended by a signal, ends with 128 and the number of the signal', async () => {
    await put('bin/quarry.js', 'process.kill(process.pid, "SIGKILL")')
    expect((await bootstrap(['demo'])).code).toBe(137)
  })
})

describe('installing', () => {
  it.each([
    ['no package is there', () => rm(join(root, 'node_modules'), { recursive: true }), 'there are none yet'],
    ['its Node is missing', () => rm(join(root, 'node_modules', NODE, 'bin/node')), 'own Node is missing'],
    [
      'the lock names another version',
      () => putJson('package-lock.json', { packages: { 'node_modules/a': { version: '1.0.1' } } }),
      'package-lock.json has another node_modules/a',
    ],
    [
      'the lock names a package more',
      () =>
        putJson('package-lock.json', {
          packages: { ...LOCK.packages, 'node_modules/b': { version: '1.0.0' } },
        }),
      'node_modules/b is missing',
    ],
    [
      'the lock names a package less',
      () => putJson('package-lock.json', { packages: {} }),
      'node_modules/a is no longer in package-lock.json',
    ],
  ])('runs npm ci when %s, and ends with its exit code', async (_, change, reason) => {
    await change()
    const { code, output } = await bootstrap(['demo'])
    expect(output).toContain(reason)
    expect(output).toContain('npm ci\n')
    expect(code).toBe(9)
  })

  it('ignores missing optional packages of other platforms', async () => {
    const other = { 'node_modules/b': { version: '1.0.0', optional: true } }
    await putJson('package-lock.json', { packages: { ...LOCK.packages, ...other } })
    await put('bin/quarry.js', '')
    expect(await bootstrap(['demo'])).toMatchObject({ code: 0, output: '' })
  })

  it('goes on with the machine’s Node if no package has one for the platform', async () => {
    await putJson('package.json', { ...PACKAGE, optionalDependencies: { 'node-plan9-mips': '1.0.0' } })
    await rm(join(root, 'node_modules', NODE), { recursive: true })
    await put('bin/quarry.js', 'console.log(process.execPath)')
    expect(await bootstrap(['demo'])).toMatchObject({ code: 0, lastLine: process.execPath })
  })

  it('goes on after npm ci has installed everything', async () => {
    await putJson('new-lock.json', LOCK)
    await rm(join(root, 'node_modules/.package-lock.json'))
    await mkdir(join(root, 'node_modules/.bin'))
    await put('path/npm', '#!/bin/sh\necho "npm $*"\ncp new-lock.json node_modules/.package-lock.json\n')
    await put('bin/quarry.js', 'console.log("the demo")')
    const { code, output, lastLine } = await bootstrap(['demo'])
    expect({ code, lastLine }).toEqual({ code: 0, lastLine: 'the demo' })
    // Install scripts of packages do not run; bin/link.js runs separately.
    expect(output).toContain('npm ci --ignore-scripts\n')
    expect(await readlink(join(root, 'node_modules/.bin/quarry'))).toBe('../../bin/quarry.js')
  })

  it('that fails counts as a failed test on CI', async () => {
    await rm(join(root, 'node_modules'), { recursive: true })
    expect(await bootstrap(['test'], { CI: 'true' })).toMatchObject({
      code: 1,
      lastLine: '0 passed, 1 failed',
    })
  })
})

describe('test', () => {
  it('runs lint, types and tests, on CI also the check of advisories, and ends with a summary', async () => {
    const { code, output, lastLine } = await bootstrap(['test'], { CI: 'true' })
    expect(output).toMatch(/lint ran.*types ran.*vitest run\n.*Advisories were not checked/s)
    expect({ code, lastLine }).toEqual({ code: 0, lastLine: '6 passed, 0 failed' })
  })

  it('prints the summary with --summary, too, and otherwise not', async () => {
    expect((await bootstrap(['test', '--summary'])).lastLine).toBe('5 passed, 0 failed')
    expect((await bootstrap(['test'])).lastLine).toBe('vitest run')
  })

  it('passes arguments on to vitest and then runs nothing else', async () => {
    const { output, lastLine } = await bootstrap(['test', '--summary', 'test/job'])
    expect(output).toContain('vitest run test/job\n')
    expect(output).not.toContain('lint ran')
    expect(lastLine).toBe('3 passed, 0 failed')
  })

  it.each([
    ['lint', LINT, 'process.exit(1)', '0 passed, 1 failed'],
    ['types', TYPES, 'process.exit(2)', '1 passed, 1 failed'],
    ['a test', VITEST, fakeVitest(report(4, 2), 'process.exit(1)'), '6 passed, 2 failed'],
    ['no test at all', VITEST, fakeVitest(report(0, 0), 'process.exit(1)'), '2 passed, 1 failed'],
    ['an unhandled error', VITEST, fakeVitest(report(4, 0), 'process.exit(1)'), '6 passed, 1 failed'],
    [
      'vitest, killed',
      VITEST,
      fakeVitest(null, 'process.kill(process.pid, "SIGKILL")'),
      '2 passed, 1 failed',
    ],
    [
      'a file that does not load',
      VITEST,
      fakeVitest(report(4, 1, [{ status: 'failed', assertionResults: [] }]), 'process.exit(1)'),
      '6 passed, 2 failed',
    ],
  ])('fails when this step fails: %s', async (_, path, script, lastLine) => {
    await put(path, script)
    expect(await bootstrap(['test', '--summary'])).toMatchObject({ code: 1, lastLine })
  })
})

it('link.js links quarry beside the commands of the packages, also the second time', async () => {
  await mkdir(join(root, 'node_modules/.bin'))
  for (const _ of [1, 2]) {
    await new Promise((resolve) => execFile(process.execPath, [join(root, 'bin/link.js')], resolve))
    expect(await readlink(join(root, 'node_modules/.bin/quarry'))).toBe('../../bin/quarry.js')
  }
})
