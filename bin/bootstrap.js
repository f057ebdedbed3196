// `npm run demo` and `npm test` on a machine with any Node >= 20 and nothing else: installs the packages when they are missing
// or differ from package-lock.json, then continues with the project's own Node 24, which is one of them. Plain JavaScript
// without packages; starts one child at a time and forwards its exit code.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MODULES = join(ROOT, 'node_modules')
const COMMANDS = join(MODULES, '.bin')
const IS_WINDOWS = process.platform === 'win32'
const LOOK_EVERY_MS = 500

// Ctrl-C reaches the child through the terminal; this process only has to live until the child has ended.
process.on('SIGINT', () => {})

const [mode, ...args] = process.argv.slice(2)
if (mode !== 'demo' && mode !== 'test') {
  process.stderr.write('Usage: node bin/bootstrap.js demo|test [arguments]\n')
  process.exitCode = 2
} else {
  process.exitCode = mode === 'demo' ? await demo(args) : await test(args)
}

async function demo(given) {
  const installed = await installPackages()
  return installed === 0 ? await runNode(['bin/quarry.js', 'demo', ...given]) : installed
}

/** Runs `npm ci` when it is needed; returns its exit code. */
async function installPackages() {
  const reason = whyInstall()
  if (reason === null) return 0
  process.stderr.write(`Installing the packages Quarry needs, because ${reason}: npm ci\n`)
  // No package needs its install script, and npm before 11 would run them all.
  const code = await run('npm', ['ci', '--ignore-scripts'], {
    // npm must not run on the project's own Node, which it is about to replace.
    // Its errors are shown even under `npm --silent test`.
    env: { ...process.env, PATH: searchPath((folder) => folder !== COMMANDS), npm_config_loglevel: 'error' },
    // npm must not write to standard output: `demo --json` writes JSON there.
    stdio: ['inherit', 2, 2],
    shell: IS_WINDOWS,
  })
  if (code !== 0) {
    process.stderr.write(
      'npm ci failed; see its messages above. Quarry needs the packages of package-lock.json.\n',
    )
    return code
  }
  const still = whyInstall()
  if (still === null) return await runNode(['bin/link.js'])
  process.stderr.write(
    `npm ci ran, and yet ${still}. Were optional packages left out (npm config omit), or could one not be fetched?\n`,
  )
  return 1
}

/** Why the packages must be installed, as words after "because"; null when they are up to date. */
function whyInstall() {
  const record = join(MODULES, '.package-lock.json')
  if (!existsSync(record)) return 'there are none yet'
  if (!existsSync(nodePath())) return "the project's own Node is missing"
  let wanted
  let present
  try {
    wanted = readPackages(join(ROOT, 'package-lock.json'))
    present = readPackages(record)
  } catch (error) {
    return `the lock files cannot be compared (${error.message})`
  }
  for (const [path, entry] of wanted) {
    const found = present.get(path)
    if (found === undefined && (entry.optional || entry.peer)) continue
    if (found === undefined) return `${path} is missing`
    if (found.version !== entry.version || found.integrity !== entry.integrity) {
      return `package-lock.json has another ${path}`
    }
  }
  for (const path of present.keys()) {
    if (!wanted.has(path)) return `${path} is no longer in package-lock.json`
  }
  return null
}

/** The packages of a lock file by path, without the project itself. */
function readPackages(file) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'))
  return new Map(Object.entries(packages).filter(([path]) => path !== ''))
}

/** The project's own Node or, where no package has one for the platform (macOS), the Node that runs this. */
function nodePath() {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const name = `node-${IS_WINDOWS ? 'win' : process.platform}-${process.arch}`
  return name in optionalDependencies
    ? join(MODULES, name, 'bin', IS_WINDOWS ? 'node.exe' : 'node')
    : process.execPath
}

/**
 * Runs lint, types and all tests, and stops at the first failure; with arguments only vitest, which gets them.
 * On CI, or with --summary, the last line is `N passed, N failed`. Lint, types, a failed installation and, on CI, advisories
 * count as one each.
 */
async function test(given) {
  const wantsSummary = given.includes('--summary') || process.env.CI === 'true'
  const vitestArgs = given.filter((argument) => argument !== '--summary')
  const { passed, failed } =
    (await installPackages()) === 0 ? await runChecks(vitestArgs) : { passed: 0, failed: 1 }
  if (wantsSummary) process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

async function runChecks(vitestArgs) {
  const checks = [
    ['lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']],
    ['types', ['node_modules/typescript/bin/tsc', '--build', '.', 'src/dashboard/page']],
  ]
  let passed = 0
  for (const [name, command] of vitestArgs.length > 0 ? [] : checks) {
    process.stdout.write(`\n> ${name}\n`)
    if ((await runNode(command)) !== 0) return { passed, failed: 1 }
    passed += 1
  }
  process.stdout.write('\n> tests\n')
  const tests = await runVitest(vitestArgs)
  const sum = { passed: passed + tests.passed, failed: tests.failed }
  // Only on CI, and last: it asks the registry, and a new advisory must not stop work on something else.
  if (process.env.CI !== 'true' || vitestArgs.length > 0) return sum
  process.stdout.write('\n> advisories\n')
  const clean = (await runNode(['bin/check-advisories.js'])) === 0
  return { passed: sum.passed + Number(clean), failed: sum.failed + Number(!clean) }
}

async function runVitest(vitestArgs) {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-'))
  const report = join(folder, 'vitest.json')
  try {
    const code = await runNode([
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...vitestArgs,
    ])
    const { passed, failed } = existsSync(report) ? countTests(report) : { passed: 0, failed: 0 }
    // A crash, an unhandled error or an empty run is not in the report, but is a failure.
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countTests(report) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // A test file that cannot be loaded fails without a failed test.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
  )
  return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length }
}

/** Runs the project's own Node in the project folder. */
function runNode(nodeArgs) {
  return run(realpathSync(nodePath()), nodeArgs, {
    env: { ...process.env, PATH: [COMMANDS, searchPath((folder) => folder !== COMMANDS)].join(delimiter) },
  })
}

function searchPath(keep) {
  return (process.env.PATH ?? '').split(delimiter).filter(keep).join(delimiter)
}

/** Runs a command to its end on this terminal; returns its exit code, 128 + the signal's number when one ended it. */
function run(command, commandArgs, options) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: ROOT, stdio: 'inherit', ...options })
    const forward = () => child.kill('SIGTERM')
    process.on('SIGTERM', forward)
    // npm passes SIGTERM only to the shell between it and this process, so a changed parent means SIGTERM, too.
    const parent = process.ppid
    const look = setInterval(() => process.ppid !== parent && forward(), LOOK_EVERY_MS)
    const end = (code) => {
      clearInterval(look)
      process.off('SIGTERM', forward)
      resolve(code)
    }
    child.on('error', (error) => {
      process.stderr.write(`${command} cannot be run: ${error.message}\n`)
      end(1)
    })
    child.on('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]))
  })
}
