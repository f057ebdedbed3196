// The table of commands, the help and completion tell the same; and bash completes by the script.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { COMMANDS } from '../../src/cli/command-table.ts'
import { completionScript } from '../../src/cli/completion-scripts.ts'
import { main } from '../../src/cli/quarry.ts'

const names = [...COMMANDS.keys()]

/** What a command line writes and ends with; in this process, since one of its own takes a second. */
async function run(...argv: string[]): Promise<{ code: number; stdout: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    const code = await main(argv)
    return { code, stdout: write.mock.calls.map(([text]) => String(text)).join('') }
  } finally {
    write.mockRestore()
  }
}

describe('the table of commands', () => {
  it('is the list that quarry --help shows', async () => {
    const { stdout } = await run('--help')
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) +\S/gm)].map(([, name]) => name)
    expect(listed).toEqual(names)
  })

  it.each(names.filter((name) => name !== 'help'))(
    'has the flags and words that quarry %s --help tells',
    async (name) => {
      const { code, stdout } = await run(name, '--help')
      expect(code).toBe(0)
      const entry = COMMANDS.get(name)
      const lines = stdout.split('\n').filter((line) => /^(Instead| {2,}(-\w, )?--)/.test(line))
      const told = new Set(lines.flatMap((line) => line.match(/(?<=^ *(?:-\w, )?)--[a-z-]+/g) ?? []))
      expect([...told].sort()).toEqual(
        [...Object.keys(entry?.flags ?? {}), 'help'].map((flag) => `--${flag}`).sort(),
      )
      for (const verb of entry?.verbs ?? [])
        expect(stdout).toMatch(new RegExp(`quarry ${name}.*\\b${verb}\\b`))
    },
  )
})

describe('docs/commands.md', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
  const sections = page.split(/^## /m).slice(1)

  it.each(names.filter((name) => name !== 'help'))(
    'has a section for %s, with its flags and words',
    (name) => {
      const section = sections.find((text) => text.split('\n')[0]?.split(', ').includes(name)) ?? ''
      const { flags, verbs = [] } = COMMANDS.get(name) ?? { flags: {} }
      for (const flag of Object.keys(flags)) expect(section).toMatch(new RegExp(`--${flag}\\b`))
      for (const verb of verbs) expect(section).toMatch(new RegExp(`\\b${verb}\\b`))
    },
  )
})

/** What bash offers for a line that ends at the cursor. */
async function completed(line: string): Promise<string[]> {
  const words = line.split(' ')
  const asked = `source <(cat <<'SCRIPT'\n${completionScript('bash')}\nSCRIPT\n)
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_quarry; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', asked], { cwd: import.meta.dirname })
  return stdout.split('\n').filter((word) => word !== '')
}

describe('bash offers', () => {
  it.each([
    ['quarry ', [...names, '--help', '--version']],
    ['quarry do', ['doctor']],
    ['quarry jobs ', ['show', 'list']],
    ['quarry jobs l', ['list']],
    ['quarry jobs list --', ['--limit', '--json', '--config', '--help']],
    ['quarry retry --j', ['--json']],
    ['quarry pause --re', ['--region']],
    ['quarry help dr', ['drain']],
    ['quarry completion ', ['bash', 'zsh', 'fish']],
    ['quarry start --roles b', ['bedrock']],
    ['quarry start --config comp', ['completion.test.ts']],
    ['quarry retry 22', []],
  ])('%j: %j', async (line, words) => {
    expect(await completed(line)).toEqual(words)
  })
})

it.each(['zsh', 'fish'] as const)('%s is told every command with its flags and words', async (shell) => {
  const { code, stdout } = await run('completion', shell)
  expect(code).toBe(0)
  for (const [name, { flags, verbs = [] }] of COMMANDS) {
    const of =
      shell === 'zsh'
        ? new RegExp(`^    ${name}\\) _arguments (.*)$`, 'm')
        : new RegExp(`seen_subcommand_from ${name}' (.*)$`, 'gm')
    const told = [...stdout.matchAll(new RegExp(of, 'gm'))].map(([, rest]) => rest).join('\n')
    for (const flag of [...Object.keys(flags), 'help'])
      expect(told).toMatch(shell === 'zsh' ? `'--${flag}` : `-l ${flag}`)
    for (const verb of verbs) expect(told).toContain(verb)
  }
})
