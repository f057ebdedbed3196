// Which files hold values of variables, so that secrets need not be in an environment, which other processes of the user and
// those who may describe a pod can read. Pure: whoever reads the files hands over what is in them.
import type { Environment } from './environment.ts'
import type { ListedSetting } from './list-settings.ts'

/** Names a directory whose files are variables: the name of a file is that of a variable, its content the value. */
export const VARIABLES_DIRECTORY = 'QUARRY_ENV_DIR'

/** What a file holds in place of a variable. */
export interface FileValue {
  readonly path: string
  readonly value: string
}

/** What files hold, by the name of the variable. */
export type FileValues = ReadonlyMap<string, FileValue>

/** A variable `REDIS_URL_FILE` and what it names. */
export interface NamedFile {
  /** The variable whose value the file holds: `REDIS_URL`. */
  readonly of: string
  readonly name: string
  readonly path: string
}

/** `NAME_FILE` for each variable of a setting that is secret, in whole or in part, where that is no setting itself. */
export function fileVariables(listed: readonly ListedSetting[]): readonly Omit<NamedFile, 'path'>[] {
  const settings = new Set(listed.flatMap(({ facts }) => facts.environment))
  return listed
    .filter(({ facts }) => facts.secret !== undefined)
    .flatMap(({ facts }) => facts.environment)
    .map((of) => ({ of, name: `${of}_FILE` }))
    .filter(({ name }) => !settings.has(name))
}

/** Those that are set. */
export function namedFiles(environment: Environment, listed: readonly ListedSetting[]): readonly NamedFile[] {
  return fileVariables(listed).flatMap((variable) => {
    const path = environment[variable.name]?.trim() ?? ''
    return path === '' ? [] : [{ ...variable, path }]
  })
}

/** Those of variables that are not set themselves, which would be stronger. */
export function valuesInForce(environment: Environment, files: FileValues): FileValues {
  return new Map([...files].filter(([name]) => (environment[name] ?? '').trim() === ''))
}
