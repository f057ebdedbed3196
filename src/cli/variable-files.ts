// Reads the files that hold values of variables: those named by `NAME_FILE`, and those in QUARRY_ENV_DIR.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listSettings } from '../settings/list-settings.ts'
import { SettingsError } from '../settings/load-settings.ts'
import type { Environment } from '../settings/setting-source.ts'
import {
  type FileValue,
  type FileValues,
  namedFiles,
  VARIABLES_DIRECTORY,
} from '../settings/variable-files.ts'

/**
 * The values, without a final line end. `NAME_FILE` wins over QUARRY_ENV_DIR.
 * @throws SettingsError when a file cannot be read, or its variable is set too; the message shows no content.
 */
export async function readVariableFiles(environment: Environment): Promise<FileValues> {
  const problems: string[] = []
  const found = new Map<string, FileValue>()
  const add = async (name: string, path: string, of: string): Promise<void> => {
    try {
      found.set(of, { path, value: (await readFile(path, 'utf8')).replace(/\r?\n$/, '') })
    } catch (error) {
      problems.push(`${name}: the file ${path} cannot be read (${codeOf(error)}).`)
    }
  }
  const directory = environment[VARIABLES_DIRECTORY]?.trim() ?? ''
  if (directory !== '') {
    const names = await variablesIn(directory).catch((error: unknown) => {
      problems.push(`${VARIABLES_DIRECTORY}: the directory ${directory} cannot be read (${codeOf(error)}).`)
      return []
    })
    for (const name of names) await add(VARIABLES_DIRECTORY, join(directory, name), name)
  }
  for (const { name, of, path } of namedFiles(environment, listSettings())) {
    if ((environment[of] ?? '').trim() !== '')
      problems.push(`${name}: ${of} is set, too. Set one of the two.`)
    else await add(name, path, of)
  }
  if (problems.length > 0) throw new SettingsError(problems)
  return found
}

/** In a mounted Secret, Kubernetes keeps folders of its own beside the keys; their names begin with dots. */
async function variablesIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => /^[A-Za-z_][\w-]*$/.test(name)).sort()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
