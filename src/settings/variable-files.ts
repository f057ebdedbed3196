// Which files hold values of variables. Secrets in files are safer than in the environment, which other processes of the user
// can read, and everybody who may describe the pod. Pure: callers read the files.

import type { ListedSetting } from './list-settings.ts'
import type { Environment } from './setting-source.ts'

/** Names a directory whose files are variables: the file name is the variable, the content its value. */
export const VARIABLES_DIRECTORY = 'QUARRY_ENV_DIR'

/** A value that a file holds in place of a variable. */
export interface FileValue {
  readonly path: string
  readonly value: string
}

/** Values from files, by variable. */
export type FileValues = ReadonlyMap<string, FileValue>

/** A variable such as `REDIS_URL_FILE`. */
interface NamedFile {
  /** The variable whose value the file holds: `REDIS_URL`. */
  readonly of: string
  readonly name: string
  readonly path: string
}

/** `NAME_FILE` for each variable whose value is secret in whole or in part, unless that name is a setting itself. */
export function fileVariables(listed: readonly ListedSetting[]): readonly Omit<NamedFile, 'path'>[] {
  const settings = new Set(listed.flatMap(({ facts }) => facts.environment))
  return listed
    .filter(({ facts }) => facts.secret !== undefined)
    .flatMap(({ facts }) => facts.environment)
    .map((of) => ({ of, name: `${of}_FILE` }))
    .filter(({ name }) => !settings.has(name))
}

/** The `NAME_FILE` variables that are set. */
export function namedFiles(environment: Environment, listed: readonly ListedSetting[]): readonly NamedFile[] {
  return fileVariables(listed).flatMap((variable) => {
    const path = environment[variable.name]?.trim() ?? ''
    return path === '' ? [] : [{ ...variable, path }]
  })
}

/** Leaves out variables that are set themselves, since those win. */
export function valuesInForce(environment: Environment, files: FileValues): FileValues {
  return new Map([...files].filter(([name]) => (environment[name] ?? '').trim() === ''))
}
