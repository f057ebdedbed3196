// Help, docs/commands.md and completion have every command and flag of the program, and bash completes by its script.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { completionScript } from '../../src/cli/completion.ts'
import { makeProgram } from '../../src/cli/program.ts'
import { main } from '../../src/cli/quarry.ts'

const program = makeProgram(() => undefined)
/** Each command of the first level, with its own flags and those of the commands below it. */
const commands = program.commands.map((command) => ({
  name: command.name(),
  words: command.commands.map((each) => each.name()),
  flags: [...command.commands, command].flatMap(({ options }) => options.map(({ long }) => long ?? '')),
}))
const names = commands.map(({ name }) => name)

/** Runs a command line in this process, since a process of its own takes a second. */
async function run(...argv: string[]): Promise<{ code: number; stdout: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    const code = await main(argv)
    return { code, stdout: write.mock.calls.map(([text]) => String(text)).join('') }
  } finally {
    write.mockRestore()
  }
}

describe('help', () => {
  it('quarry --help lists every command', async () => {
    const { stdout } = await run('--help')
    const listed = [...stdout.matchAll(/^ {2}([a-z]+)( [<[][a-z.]+[\]>])? {2,}\S/gm)].map(([, name]) => name)
    expect(listed).toEqual([...names, 'help'])
  })

  it.each(commands.flatMap(({ name, words }) => [name, ...words.map((word) => `${name} ${word}`)]))(
    'quarry %s --help and quarry help %s show its use and end with 0',
    async (path) => {
      const asked = await run(...path.split(' '), '--help')
      expect(asked).toEqual({ code: 0, stdout: expect.stringContaining(`Usage: quarry ${path}`) })
      expect(await run('help', ...path.split(' '))).toEqual(asked)
    },
  )
})

describe('docs/commands.md', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
  const sections = page.split(/^## /m).slice(1)

  it.each(commands)(
    'has a section for $name, with its flags and the commands below it',
    ({ name, words, flags }) => {
      const section = sections.find((text) => text.split('\n')[0]?.split(', ').includes(name)) ?? ''
      for (const flag of flags) expect(section).toMatch(new RegExp(`${flag}\\b`))
      for (const word of words) expect(section).toMatch(new RegExp(`\\b${word}\\b`))
    },
  )
})

/** What bash offers for a line that ends at the cursor. */
async function completed(line: string): Promise<string[]> {
  const words = line.split(' ')
  const asked = `source <(cat <<'SCRIPT'\n${completionScript('bash', program)}\nSCRIPT\n)
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_quarry; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', asked], { cwd: import.meta.dirname })
  return stdout.split('\n').filter((word) => word !== '')
}

describe('bash offers', () => {
  it.each([
    ['quarry ', [...names, 'help', '--help', '--version']],
    ['quarry do', ['doctor']],
    ['quarry jobs ', ['show', 'find', 'list']],
    ['quarry jobs l', ['list']],
    ['quarry jobs list --', ['--json', '--output', '--config', '--help', '--instance', '--limit', '--watch']],
    ['quarry retry --j', ['--json']],
    ['quarry pause --rea', ['--reason']],
    ['quarry help dr', ['drain']],
    ['quarry completion ', ['bash', 'zsh', 'fish']],
    ['quarry start --roles b', ['bedrock']],
    ['quarry start --config comp', ['completion.test.ts']],
    ['quarry retry 22', []],
  ])('%j: %j', async (line, words) => {
    expect(await completed(line)).toEqual(words)
  })
})

it.each(['zsh', 'fish'] as const)(
  'the completion script for %s has every command with its flags and values',
  async (shell) => {
    const { code, stdout } = await run('completion', shell)
    expect(code).toBe(0)
    for (const { name, words, flags } of commands) {
      const of =
        shell === 'zsh'
          ? new RegExp(`^    ${name}\\) _arguments (.*)$`, 'gm')
          : new RegExp(`seen_subcommand_from ${name}' (.*)$`, 'gm')
      const lines = [...stdout.matchAll(of)].map(([, rest]) => rest).join('\n')
      for (const flag of [...flags, '--help'])
        expect(lines).toContain(shell === 'zsh' ? `'${flag}` : `-l ${flag.slice(2)}`)
      for (const word of words) expect(lines).toContain(word)
    }
  },
)
