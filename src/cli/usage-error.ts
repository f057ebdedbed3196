// A wrong command line: its exit code is 2, and no stack is shown.

/** Thrown when the command line is wrong. The message ends with the help to read. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'USAGE_WRONG'

  constructor(problem: string, command?: string) {
    super(
      `${problem}\nRun \`quarry ${command === undefined ? '' : `${command} `}--help\` for its commands and flags.`,
    )
  }
}
