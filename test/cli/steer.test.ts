import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runQuarry } from './run-quarry.ts'

/** Nothing listens there. */
const AWAY = { REDIS_URL: 'redis://127.0.0.1:1' }

describe('an incomplete command line ends with 2', () => {
  it.each([
    [['pause'], 'which lanes? Name one as `quarry lanes` shows it (account@region@model), or give patterns'],
    [['resume', 'a@b@c', '--all'], 'lanes are named in more than one way.'],
    [['drain', '--all', '--region', 'us-*'], 'lanes are named in more than one way.'],
    [
      ['pause', 'a@b@c', 'd@e@f'],
      "too many arguments for 'pause'. Expected 1 argument but got 2: a@b@c, d@e@f.",
    ],
    [['pause', '--regions', 'us-*'], "unknown option '--regions' (Did you mean --region?)"],
    [['pace'], 'Usage: quarry pace '],
    [['pace', 'get'], "unknown command 'get' (Did you mean set?)"],
    [['pace', 'set', 'a@b@c'], 'what pace? Give --rpm, --tpm or --concurrency: a number, or none.'],
    [
      ['pace', 'set', 'a@b@c', '--rpm', '0'],
      "'--rpm <n>' argument '0' is invalid. It takes a whole number from 1 up, or none.",
    ],
    [
      ['pace', 'set', 'a@b@c', '--tpm', 'all'],
      "'--tpm <n>' argument 'all' is invalid. It takes a whole number from 1 up, or none.",
    ],
    [['pace', 'set', '--rpm', '5'], 'which lanes?'],
    [['lanes', 'a@b@c'], "too many arguments for 'lanes'. Expected 0 arguments but got 1: a@b@c."],
    [['jobs'], 'Usage: quarry jobs '],
    [['jobs', '--json', 'show', '1'], "unknown option '--json'"],
    [['jobs', 'show', 'z-1-1'], 'z-1-1 is not a job key, which has digits only.'],
    [
      ['jobs', 'list', 'a@b@c', '--limit', '0'],
      "'--limit <n>' argument '0' is invalid. It takes a whole number from 1 to 1000.",
    ],
    [['retry'], "missing required argument 'key'"],
    [['completion', 'ksh'], "'ksh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish."],
    [['doctor', '--model', 'm'], 'in which region? Give --region, or set AWS_REGION.'],
  ])('%j', async (argv, problem) => {
    const { code, stdout, stderr } = await runQuarry(argv, AWAY)
    expect(stderr).toContain(problem)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

it.each([[['lanes']], [['pause', '--all']]])(
  '%j ends with 1 when Redis does not answer, and names its address',
  async (argv) => {
    const { code, stdout, stderr } = await runQuarry(argv, AWAY)
    expect(stderr).toMatch(
      /^quarry: Redis does not answer at 127\.0\.0\.1:1 \(.*ECONNREFUSED.*\)\. Set REDIS_URL/,
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  },
)

it.each(['config', 'start', 'lanes'])('a wrong file of lane rules ends quarry %s with 1', async (command) => {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'lanes.yaml')
  await writeFile(file, 'quotas:\n- { requestPerMinute: 5, concurrency: 1 }\n')
  const { code, stdout, stderr } = await runQuarry([command], { ...AWAY, QUARRY_LANES_FILE: file })
  expect(stderr).toContain(
    `There is a problem in the settings:\n  - QUARRY_LANES_FILE: ${file}, line 2: quotas[0]: there is no requestPerMinute. Did you mean requestsPerMinute?`,
  )
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})

it.each(['lanes', 'pace set', 'pause', 'resume', 'drain', 'quota import'])(
  'quarry %s --help shows its use and its exit codes',
  async (command) => {
    const { code, stdout } = await runQuarry([...command.split(' '), '--help'])
    expect(stdout).toContain(`Usage: quarry ${command}`)
    expect(stdout).toMatch(/Exit codes: 0 done/)
    expect(code).toBe(0)
  },
)
