// Tools that check deployments are not packages of npm. They are fetched once, by the clients of their own registries,
// into the cache that the Zeebe engine is in; a machine that cannot fetch one goes without that check, and says so.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, exists, keepOnce } from '../../../embedded/cache.ts'
import { terminalProgress } from '../../../embedded/progress.ts'

/** A folder with the tool in it, or why there is none, in words that fit after "because". */
export type Kept = { readonly folder: string } | { readonly missing: string }

/**
 * @param name - folder in the cache; with the version, so that another version is fetched anew.
 * @param fill - puts the tool into the folder that it is given; throws Error with the reason when it cannot.
 */
export async function keepTool(name: string, fill: (folder: string) => Promise<void>): Promise<Kept> {
  const folder = join(cacheFolder(process.env), 'tools')
  const progress = terminalProgress()
  if (!(await exists(join(folder, name)))) progress.step(`fetching ${name} …`)
  try {
    return { folder: await keepOnce(folder, name, fill) }
  } catch (error) {
    const missing = `${name} could not be fetched: ${error instanceof Error ? error.message : error}`
    progress.done(`Without it: ${missing}`)
    return { missing }
  }
}

/** Removes a folder that may hold files without the right to write, as Go's module cache does. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 2 })
}
