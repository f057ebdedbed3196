// Finds a Chromium for the tests of the dashboard: the one that CHROMIUM_PATH names or that is on the PATH, else Debian's,
// kept in the cache.
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../cache.ts'
import { canFetchPackages, type DebianSetting, keepPackages } from '../debian-packages.ts'
import { findProgram } from '../find-program.ts'

export interface Chromium {
  readonly executablePath: string
  /** Environment that its process needs. */
  readonly env: Readonly<Record<string, string>>
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
/** With a typeface, as a machine without a desktop has few. */
const PACKAGES = ['chromium', 'fonts-inter']

/** A Chromium, or why there is none. */
export async function findChromium(setting: DebianSetting): Promise<Chromium | string> {
  const { env } = setting
  const named = env['CHROMIUM_PATH']
  if (named) return (await exists(named)) ? at(named) : `CHROMIUM_PATH names ${named}, which is not there`
  for (const name of NAMES) {
    const program = await findProgram(name, env)
    if (program !== undefined) return at(program)
  }
  if (!(await canFetchPackages(env))) {
    return 'there is no chromium on the PATH, and no apt-get to download one with: set CHROMIUM_PATH'
  }
  try {
    return await unpacked(await keepPackages(PACKAGES, setting))
  } catch (error) {
    return `Chromium could not be downloaded: ${error instanceof Error ? error.message : String(error)}`
  }
}

function at(executablePath: string): Chromium {
  return { executablePath, env: {} }
}

/** Its libraries and fonts are in a folder that programs do not search by themselves. */
async function unpacked(root: string): Promise<Chromium> {
  const files = await readdir(root, { recursive: true, withFileTypes: true })
  const libraries = files.filter(({ name }) => /\.so(\.|$)/.test(name)).map(({ parentPath }) => parentPath)
  const fonts = join(root, 'fonts.conf')
  await writeFile(
    fonts,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>${join(root, 'usr/share/fonts')}</dir></fontconfig>
`,
  )
  return {
    executablePath: join(root, 'usr/lib/chromium/chromium'),
    env: { LD_LIBRARY_PATH: [...new Set(libraries)].join(':'), FONTCONFIG_FILE: fonts },
  }
}
