// A wrong command line, apart from everything else that can fail: it has an exit code of its own and no stack.

/** Thrown when the command line is wrong; ends with the place to look it up. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'USAGE_WRONG'

  constructor(problem: string, command?: string) {
    super(`${problem}\nRun \`quarry ${command === undefined ? '' : `${command} `}--help\` for what there is.`)
  }
}
