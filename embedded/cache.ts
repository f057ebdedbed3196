// Where downloads and compiled classes are kept between runs, outside the project. A folder there is always
// whole: it is filled under another name and renamed, so an interrupted run or a second process cannot spoil it.
import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

const PARTIAL = '.partial-'
const ABANDONED_AFTER_MS = 3_600_000

/** The folder of all that is kept: `QUARRY_CACHE`, or `quarry` in `XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return resolve(env['QUARRY_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'quarry'))
}

/** Says whether a file or folder is there. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * Returns `name` in the cache `folder`, filling it first if it is not there.
 * @param fill writes everything into the empty folder that it is given; what it throws is passed on.
 */
export async function keepOnce(
  folder: string,
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const whole = join(folder, name)
  if (await exists(whole)) return whole
  await mkdir(folder, { recursive: true })
  await removeAbandoned(folder)
  const partial = join(folder, `${name}${PARTIAL}${randomUUID()}`)
  try {
    await mkdir(partial)
    await fill(partial)
    await rename(partial, whole)
  } catch (error) {
    // Another process was quicker: its copy is as good, and may be in use.
    if (!(await exists(whole))) throw error
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return whole
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.includes(PARTIAL)) continue
    const path = join(folder, name)
    const status = await stat(path).catch(() => undefined)
    if (status !== undefined && Date.now() - status.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(path, { recursive: true, force: true })
    }
  }
}
