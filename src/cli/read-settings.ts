// Settings of this process for a command: reads the environment and the file that --config names, nothing else.
import { readFile } from 'node:fs/promises'
import { loadSettings } from '../settings/load-settings.ts'
import type { Flags } from './parse-flags.ts'
import { UsageError } from './usage-error.ts'

/** Flags of the commands that read settings. */
export const SETTINGS_FLAGS = { config: 'text', roles: 'text', regions: 'text', port: 'text' } as const

/**
 * Loads the settings.
 * @throws SettingsError when they are wrong; UsageError when the file cannot be read.
 */
export async function readSettings(command: string, flags: Flags): Promise<ReturnType<typeof loadSettings>> {
  const path = flags.texts['config']
  const file = path === undefined ? undefined : { path, text: await readText(command, path) }
  return loadSettings({ env: process.env, flags: flags.texts, ...(file === undefined ? {} : { file }) })
}

async function readText(command: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--config: the file ${path} cannot be read: ${reason}`, command)
  }
}
