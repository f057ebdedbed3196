// Reads the settings for a command: the environment, the files that hold values of variables, and the file of --config.
import { access, constants, readdir, readFile } from 'node:fs/promises'
import { loadLaneRules } from '../settings/lane-rules-file.ts'
import { loadSettings, SettingsError } from '../settings/load-settings.ts'
import type { Settings } from '../settings/settings.ts'
import { UsageError } from './usage-error.ts'
import { readVariableFiles } from './variable-files.ts'

/** The flags that set settings. Each command has some of them. */
export interface SettingsFlags {
  readonly config?: string
  readonly roles?: string
  readonly regions?: string
  readonly port?: string
}

/**
 * Loads the settings, and checks that the files they name can be read.
 * @throws SettingsError when they are wrong; UsageError when the file cannot be read.
 */
export async function readSettings(
  command: string,
  flags: SettingsFlags,
): Promise<ReturnType<typeof loadSettings>> {
  const loaded = await loadFrom(command, flags)
  await checkFiles(loaded.settings)
  if (loaded.settings.lanesFile !== undefined) loadLaneRules(loaded.settings.lanesFile)
  return loaded
}

/**
 * Loads the settings alone.
 * @throws SettingsError when they are wrong; UsageError when the file cannot be read.
 */
export async function loadFrom(
  command: string,
  flags: SettingsFlags,
): Promise<ReturnType<typeof loadSettings>> {
  const { config: path, ...settings } = flags
  const file = path === undefined ? undefined : { path, text: await readText(command, path) }
  return loadSettings({
    env: process.env,
    variableFiles: await readVariableFiles(process.env),
    flags: settings,
    ...(file === undefined ? {} : { file }),
  })
}

/** @throws SettingsError when a file or directory that a setting names cannot be read. */
export async function checkFiles(settings: Settings): Promise<void> {
  await checkCertificates(settings)
  await checkSecretsDirectory(settings)
}

/** @throws SettingsError when a file that a setting names cannot be read. */
async function checkCertificates({ aws, zeebe }: Settings): Promise<void> {
  const files = {
    AWS_CA_BUNDLE: aws.caBundle,
    CAMUNDA_CUSTOM_ROOT_CERT_PATH: zeebe.tls.rootCertPath,
    CAMUNDA_CUSTOM_CERT_CHAIN_PATH: zeebe.tls.certChainPath,
    CAMUNDA_CUSTOM_PRIVATE_KEY_PATH: zeebe.tls.privateKeyPath,
  }
  const problems: string[] = []
  for (const [name, path] of Object.entries(files)) {
    if (path === undefined) continue
    await access(path, constants.R_OK).catch(() => {
      problems.push(
        `${name}: the file ${path} cannot be read. For example: ${name}=/etc/quarry/ca.pem, a PEM file`,
      )
    })
  }
  if (problems.length > 0) throw new SettingsError(problems)
}

/** @throws SettingsError when the directory of secrets cannot be read. */
async function checkSecretsDirectory({ secrets: { directory } }: Settings): Promise<void> {
  if (directory === undefined) return
  await readdir(directory).catch(() => {
    throw new SettingsError([
      `QUARRY_SECRETS_DIR: the directory ${directory} cannot be read. For example: QUARRY_SECRETS_DIR=/etc/quarry/secrets, one file for each secret`,
    ])
  })
}

async function readText(command: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--config: the file ${path} cannot be read: ${reason}`, command)
  }
}
