// Finds a redis-server: the one on the PATH, else the binary inside a Maven artifact, kept in the cache.
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, exists, keepOnce } from '../cache.ts'
import { findProgram } from '../find-program.ts'
import { type MavenSetting, runMaven } from '../maven.ts'

const ARTIFACT = 'com.github.codemonstur:embedded-redis:1.4.3'

/** The binaries inside the artifact; all of them are Redis 6.2. */
const BINARIES: Readonly<Record<string, string>> = {
  'linux-x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux-arm64': 'redis-server-6.2.7-linux-arm64',
  'darwin-x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin-arm64': 'redis-server-6.2.6-v5-darwin-arm64',
}

/** Where a redis-server comes from: a program that is there, or a binary to download with Maven. */
export type RedisSource =
  | { readonly program: string }
  | { readonly binary: string; readonly mvn: string | undefined }

/** Finds a redis-server or a way to one, or says what is missing. */
export async function findRedis(env: NodeJS.ProcessEnv): Promise<RedisSource | string> {
  const program = await findProgram('redis-server', env)
  if (program !== undefined) return { program }
  const platform = `${process.platform}-${process.arch}`
  const binary = BINARIES[platform]
  if (binary === undefined)
    return `there is no redis-server on the PATH, and none to download for ${platform}`
  const mvn = await findProgram('mvn', env)
  if (mvn === undefined && !(await exists(join(cacheFolder(env), binary)))) {
    return 'there is no redis-server on the PATH, and no mvn to download one with'
  }
  return { binary, mvn }
}

/**
 * The path of the redis-server, downloaded at first.
 * @throws Error with the end of Maven's output when the download fails.
 */
export async function keepRedis(source: RedisSource, setting: Omit<MavenSetting, 'mvn'>): Promise<string> {
  if ('program' in source) return source.program
  const { binary, mvn = 'mvn' } = source
  const folder = await keepOnce(cacheFolder(setting.env), binary, async (target) => {
    await runMaven(
      {
        goal: 'unpack',
        args: [`-Dartifact=${ARTIFACT}`, `-Dmdep.unpack.includes=${binary}`],
        folder: target,
        what: 'downloading Redis',
        expectedMegabytes: 12,
      },
      { ...setting, mvn },
    )
    await chmod(join(target, binary), 0o755)
  })
  return join(folder, binary)
}
