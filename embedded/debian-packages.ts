// Programs of Debian without installing them, and without root: apt downloads and checks the missing packages, which are unpacked
// into the cache. Nothing on the machine changes.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, keepOnce } from './cache.ts'
import { findProgram } from './find-program.ts'
import type { Progress } from './progress.ts'

const run = promisify(execFile)
const STATUS = '/var/lib/dpkg/status'

export interface DebianSetting {
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
}

/** Whether apt and dpkg exist. */
export async function canFetchPackages(env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await Promise.all(['apt-get', 'dpkg-deb'].map((program) => findProgram(program, env)))
  return found.every((program) => program !== undefined)
}

/**
 * Unpacks packages, and their dependencies that are not installed, into the cache.
 * @returns the folder that stands for `/`.
 * @throws Error with apt's words when they cannot be had.
 */
export function keepPackages(names: readonly string[], { env, progress }: DebianSetting): Promise<string> {
  return keepOnce(cacheFolder(env), `debian-${names.join('-')}`, async (root) => {
    const work = await mkdtemp(join(tmpdir(), 'quarry-apt-'))
    try {
      progress.step(`downloading ${names.join(', ')} of Debian`)
      const archives = await download(names, work)
      for (const name of archives) await run('dpkg-deb', ['-x', name, root])
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  })
}

async function download(names: readonly string[], work: string): Promise<string[]> {
  const archives = join(work, 'cache/archives')
  await mkdir(join(work, 'state/lists/partial'), { recursive: true })
  await mkdir(join(archives, 'partial'), { recursive: true })
  const options = [
    `Dir::State=${join(work, 'state')}`,
    `Dir::State::status=${STATUS}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option])
  await run('apt-get', [...options, 'update'])
  await run('apt-get', [...options, 'install', '-y', '--no-install-recommends', '--download-only', ...names])
  const files = await readdir(archives)
  return files.filter((file) => file.endsWith('.deb')).map((file) => join(archives, file))
}
