// Completion scripts for shells, from the commands and flags of the program. Pure text; the shells ask no process of ours.
import type { Command, Option } from 'commander'

const ROLES = ['adapter', 'bedrock', 'ops']

/** A command of the first level, as a person may type it. */
interface Entry {
  readonly name: string
  readonly summary: string
  /** What may follow it besides flags: the commands below it, or the choices of its argument. */
  readonly words: readonly string[]
  /** Its own flags, and those of the commands below it. */
  readonly flags: readonly Option[]
}

/** The command `quarry completion`. */
export async function completion(shell: 'bash' | 'zsh' | 'fish', program: Command): Promise<number> {
  process.stdout.write(completionScript(shell, program))
  return 0
}

/** The script for a shell. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  return { bash, zsh, fish }[shell](entriesOf(program))
}

function entriesOf(program: Command): readonly Entry[] {
  const help = program.createHelp()
  const names = program.commands.map((command) => command.name())
  return help.visibleCommands(program).map((command) => {
    const flags = [...command.commands, command].flatMap((each) => help.visibleOptions(each))
    return {
      name: command.name(),
      summary: command.summary() || command.description(),
      words:
        command.name() === 'help'
          ? names
          : [
              ...command.commands.map((each) => each.name()),
              ...command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
            ],
      flags: [...new Map(flags.map((option) => [option.long, option])).values()],
    }
  })
}

function isFile({ flags }: Option): boolean {
  return flags.endsWith('<file>')
}

function bash(entries: readonly Entry[]): string {
  const cases = entries.map(
    ({ name, words, flags }) =>
      `    ${name}) words='${words.join(' ')}' flags='${flags.map(({ long }) => long).join(' ')}' ;;`,
  )
  const files = new Set(entries.flatMap(({ flags }) => flags.filter(isFile).map(({ long }) => long)))
  return `# Completion of quarry for bash: source <(quarry completion bash)
_quarry() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words='' flags=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${entries.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case $before in
    ${[...files].join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
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

function zsh(entries: readonly Entry[]): string {
  const value = (option: Option): string => {
    if (isFile(option)) return '_files'
    return option.long === '--roles' ? `(${ROLES.join(' ')})` : ' '
  }
  const cases = entries.map(({ name, words, flags }) => {
    const specs = flags.map((option) =>
      option.required ? `'${option.long}=:${option.name()}:${value(option)}'` : `'${option.long}'`,
    )
    const first = words.length === 0 ? [] : [`'1:what:(${words.join(' ')})'`]
    return `    ${name}) _arguments ${[...specs, ...first].join(' ')} ;;`
  })
  return `#compdef quarry
# Completion of quarry for zsh: source <(quarry completion zsh), or this file as _quarry in a folder of $fpath
_quarry() {
  local -a commands=(
${entries.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`).join('\n')}
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

function fish(entries: readonly Entry[]): string {
  const none = `not __fish_seen_subcommand_from ${entries.map(({ name }) => name).join(' ')}`
  const value = (option: Option): string => {
    if (!option.required) return ''
    if (isFile(option)) return ' -r -F'
    return option.long === '--roles' ? ` -x -a '${ROLES.join(' ')}'` : ' -x'
  }
  const commands = entries.map(
    ({ name, summary }) => `complete -c quarry -n '${none}' -a ${name} -d '${quoted(summary)}'`,
  )
  const details = entries.flatMap(({ name, words, flags }) => {
    const seen = `complete -c quarry -n '__fish_seen_subcommand_from ${name}'`
    return [
      ...(words.length === 0 ? [] : [`${seen} -a '${words.join(' ')}'`]),
      ...flags.map((option) => `${seen} -l ${option.name()}${value(option)}`),
    ]
  })
  return `# Completion of quarry for fish: quarry completion fish | source
complete -c quarry -f
complete -c quarry -n '${none}' -l help
complete -c quarry -n '${none}' -l version
${[...commands, ...details].join('\n')}
`
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(':', ' -')
}
