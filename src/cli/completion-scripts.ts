// Completion scripts for shells, from the table of commands. Pure text; the shells ask no process of ours.
import { COMMANDS, type CommandEntry } from './command-table.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** Flags whose value is a file. */
const FILES: ReadonlySet<string> = new Set(['config', 'out', 'settings'])
const ROLES = ['adapter', 'bedrock', 'ops']

/** The script for a shell. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash()
    case 'zsh':
      return zsh()
    case 'fish':
      return fish()
  }
}

function flagsOf({ flags }: CommandEntry): readonly string[] {
  return [...Object.keys(flags), 'help'].map((name) => `--${name}`)
}

/** What may follow a command besides flags: its verbs, and after `help` the commands. */
function wordsOf(name: string, { verbs = [] }: CommandEntry): readonly string[] {
  return name === 'help' ? [...COMMANDS.keys()].filter((each) => each !== 'help') : verbs
}

function bash(): string {
  const cases = [...COMMANDS].map(
    ([name, entry]) =>
      `    ${name}) words='${wordsOf(name, entry).join(' ')}' flags='${flagsOf(entry).join(' ')}' ;;`,
  )
  const files = [...FILES].map((name) => `--${name}`).join('|')
  return `# Completion of quarry for bash: source <(quarry completion bash)
_quarry() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words='' flags=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${[...COMMANDS.keys()].join(' ')} --help --version' -- "$current"))
    return
  fi
  case $before in
    ${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --roles) COMPREPLY=($(compgen -W '${ROLES.join(' ')}' -- "$current")); return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif ((COMP_CWORD == 2)); then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -o bashdefault -F _quarry quarry
`
}

function zsh(): string {
  const commands = [...COMMANDS].map(([name, { summary }]) => `    '${name}:${quoted(summary)}'`)
  const cases = [...COMMANDS].map(([name, entry]) => {
    const flags = [...Object.entries(entry.flags), ['help', 'switch'] as const].map(([flag, kind]) => {
      if (kind === 'switch') return `'--${flag}'`
      return `'--${flag}=:${flag}:${zshValue(flag)}'`
    })
    const words = wordsOf(name, entry)
    const first = words.length === 0 ? [] : [`'1:what:(${words.join(' ')})'`]
    return `    ${name}) _arguments ${[...flags, ...first].join(' ')} ;;`
  })
  return `#compdef quarry
# Completion of quarry for zsh: source <(quarry completion zsh), or this file as _quarry in a folder of $fpath
_quarry() {
  local -a commands=(
${commands.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _quarry ]]; then _quarry; else compdef _quarry quarry; fi
`
}

function zshValue(flag: string): string {
  if (FILES.has(flag)) return '_files'
  return flag === 'roles' ? `(${ROLES.join(' ')})` : ' '
}

function fish(): string {
  const none = `not __fish_seen_subcommand_from ${[...COMMANDS.keys()].join(' ')}`
  const commands = [...COMMANDS].map(
    ([name, { summary }]) => `complete -c quarry -n '${none}' -a ${name} -d '${quoted(summary)}'`,
  )
  const details = [...COMMANDS].flatMap(([name, entry]) => {
    const seen = `complete -c quarry -n '__fish_seen_subcommand_from ${name}'`
    const words = wordsOf(name, entry)
    return [
      ...(words.length === 0 ? [] : [`${seen} -a '${words.join(' ')}'`]),
      ...[...Object.entries(entry.flags), ['help', 'switch'] as const].map(
        ([flag, kind]) => `${seen} -l ${flag}${kind === 'switch' ? '' : fishValue(flag)}`,
      ),
    ]
  })
  return `# Completion of quarry for fish: quarry completion fish | source
complete -c quarry -f
complete -c quarry -n '${none}' -l help
complete -c quarry -n '${none}' -l version
${[...commands, ...details].join('\n')}
`
}

function fishValue(flag: string): string {
  if (FILES.has(flag)) return ' -r -F'
  return flag === 'roles' ? ` -x -a '${ROLES.join(' ')}'` : ' -x'
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(':', ' -')
}
