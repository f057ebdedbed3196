// Commands in the pages: each exists, with its flags and their values, and files, scripts, services and variables that it names exist, too.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { BENCHES } from '../../bench/benches.ts'
import { measureOptions } from '../../bench/measure.ts'
import { parseOptions } from '../../bench/pace/options.ts'
import manifest from '../../package.json' with { type: 'json' }
import { makeProgram } from '../../src/cli/program.ts'
import { isVariableOf } from '../../src/settings/environment.ts'
import { listSettings } from '../../src/settings/list-settings.ts'
import { blocksOf, ROOT } from './code-blocks.ts'

const BLOCKS = blocksOf('sh')
const LINES = BLOCKS.flatMap(({ page, text }) =>
  commandsOf(text).map((words) => ({ page, words, line: words.join(' ') })),
)
const startingWith = (...first: string[]) =>
  LINES.filter(({ words }) => first.every((word, at) => words[at] === word))

/** The commands of a block, as words: without comments, with continued lines as one, and with variables that are set before them. */
function commandsOf(text: string): string[][] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/ \| (?=less|source)/).slice(0, 1))
    .map((line) => /^source <\((.*)\)$/.exec(line)?.[1] ?? line)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word.replaceAll(/^['"]|['"]$/g, '')),
    )
}

const isAssignment = (word: string) => /^[A-Za-z_]\w*=/.test(word)
/** Programs of others; what they are given is checked below where it is of this project. */
const OTHERS = ['docker', 'kubectl', 'helm', 'curl', 'aws', 'cp', 'node']

it('every command of the pages is of a program that is checked here', () => {
  const programs = LINES.map(({ words }) => words.find((word) => !isAssignment(word)) ?? 'export')
  expect(LINES.length).toBeGreaterThan(60)
  expect([...new Set(programs)].sort()).toEqual(
    [...new Set([...OTHERS, 'export', 'npm', 'npx', 'quarry'])].sort(),
  )
})

/** The words after `quarry`, also in a container. */
const OWN = LINES.flatMap(({ page, words, line }) => {
  const given = words.filter((word) => !isAssignment(word))
  const inContainer = given.indexOf('bin/quarry.js')
  const isRun = given[0] === 'docker' && given[1] === 'run'
  const named = isRun ? given.indexOf('quarry') : given[0] === 'npx' ? 1 : 0
  const at = inContainer === -1 ? named : inContainer
  const isOurs = given[at] === 'quarry' || given[at] === 'bin/quarry.js'
  return isOurs ? [{ page, line, args: given.slice(at + 1) }] : []
})

describe('a command of Quarry', () => {
  it.each(OWN)('$line ($page) exists, with its flags', ({ args, line }) => {
    // `quarry …` and the image without a command.
    if (args[0] === '…' || (line.startsWith('docker run') && args.length === 0)) return
    let command: Command = makeProgram(() => undefined)
    const rest = [...args]
    for (;;) {
      const next = command.commands.find((one) => one.name() === rest[0])
      if (next === undefined) break
      command = next
      rest.shift()
    }
    expect(
      command.commands.map((one) => one.name()),
      line,
    ).toEqual([])
    const operands = operandsOf(command, rest)
    const needed = command.registeredArguments.filter(({ required }) => required).length
    expect(operands.length, line).toBeGreaterThanOrEqual(needed)
    expect(operands.length, line).toBeLessThanOrEqual(command.registeredArguments.length)
  })
})

/** The words that are neither flags nor their values. @throws Error for a flag or a value that does not exist */
function operandsOf(command: Command, words: string[]): string[] {
  const operands: string[] = []
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('--')) {
      operands.push(word)
      continue
    }
    const option = command.options.find(({ long }) => long === word)
    if (option === undefined) throw new Error(`${command.name()} has no ${word}`)
    if (option.required) option.parseArg?.(words.shift() ?? '', undefined)
  }
  return operands
}

describe('a variable that a page sets', () => {
  const settings = listSettings()
  const OWN_VARIABLES = /^(QUARRY_CHAOS_(SEED|SCALE)|CAMUNDA_NETWORK)$/
  const set = LINES.flatMap(({ page, words }) =>
    words.filter(isAssignment).map((word) => ({ page, name: word.split('=')[0] ?? '' })),
  ).filter(({ name }) => /^[A-Z_]+$/.test(name))

  it.each(set)('$name ($page) is read', ({ name }) => {
    const isSetting = settings.some((setting) => isVariableOf(setting, name))
    const isOther = OWN_VARIABLES.test(name) && isReadSomewhere(name)
    // The AWS SDK's and OpenTelemetry's own.
    expect(isSetting || isOther || /^(AWS|OTEL)_/.test(name)).toBe(true)
  })

  function isReadSomewhere(name: string): boolean {
    const files = ['docker-compose.yml', ...globSync('test/chaos/*.ts', { cwd: ROOT })]
    return files.some((file) => readFileSync(join(ROOT, file), 'utf8').includes(name))
  }
})

describe('a script of npm', () => {
  it.each(startingWith('npm', 'run'))('$line ($page) exists', ({ words }) => {
    expect(Object.keys(manifest.scripts)).toContain(words[2])
  })

  it.each(
    LINES.flatMap(({ words }) => words.filter((word) => word.startsWith('test/')).map((path) => ({ path }))),
  )('npm test -- $path finds tests', ({ path }) => {
    expect(globSync(`${path}*{.test.ts,/**/*.test.ts,*.test.ts}`, { cwd: ROOT })).not.toEqual([])
  })
})

describe('a benchmark', () => {
  const scenarios = Object.keys(JSON.parse(readFileSync(join(ROOT, 'bench/results/pace.json'), 'utf8')))

  it.each(startingWith('npm', 'run', 'bench'))('$line ($page) exists, with its flags', ({ words }) => {
    const [first = 'pace', ...flags] = words.slice(4)
    const bench = BENCHES.find(({ name }) => name === first)
    if (bench !== undefined) measureOptions(flags, bench)
    else if (first === 'comparison') expect(flags).toEqual([])
    else parseOptions(first === 'pace' ? flags : [first, ...flags], scenarios)
  })
})

describe('docker compose', () => {
  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'))
  const profiles = Object.values<{ profiles?: string[] }>(compose.services).flatMap(
    (one) => one.profiles ?? [],
  )

  it.each(LINES.filter(({ words }) => words.includes('compose')))(
    '$line ($page) names services, profiles and files that exist',
    ({ words }) => {
      const after = words.slice(words.indexOf('compose') + 1)
      const verb = after.findIndex((word) => ['up', 'down', 'stop', 'start', 'kill', 'exec'].includes(word))
      expect(verb).toBeGreaterThan(-1)
      for (const [at, word] of after.entries()) {
        if (word === '--profile') expect(profiles).toContain(after[at + 1])
        if (word === '--env-file') expect(existsSync(join(ROOT, after[at + 1] ?? ''))).toBe(true)
        if (word === '--scale') expect(Object.keys(compose.services)).toContain(after[at + 1]?.split('=')[0])
      }
      const named = after.slice(verb + 1).filter((word) => /^[a-z][a-z-]*$/.test(word))
      const services = after[verb] === 'exec' ? named.slice(0, 1) : named
      for (const service of services) expect(Object.keys(compose.services)).toContain(service)
    },
  )
})

describe('a file that a command names', () => {
  const paths = LINES.flatMap(({ page, words, line }) =>
    words
      .filter((word) => /^(k8s|examples|docker|bin)\/[\w./-]+$/.test(word))
      // What a reader makes as a copy.
      .filter((path) => !path.startsWith('k8s/overlays/ours'))
      .map((path) => ({ page, path, line })),
  )

  it.each(paths)('$path ($page) exists', ({ path }) => {
    expect(existsSync(join(ROOT, path))).toBe(true)
  })
})
