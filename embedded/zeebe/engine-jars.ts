// The engine's jars and our launcher's classes, kept in the cache. The jars are not open source (Zeebe Community
// License, Camunda License): they are downloaded for development and tests and never become part of the project.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, exists, keepOnce } from '../cache.ts'
import { type Jdk, NEEDED_JAVA } from '../find-java.ts'
import { type MavenSetting, runMaven } from '../maven.ts'

const ENGINE_VERSION = '8.8.0'
const LAUNCHER_SOURCES = join(import.meta.dirname, 'launcher')

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>quarry</groupId>
  <artifactId>embedded-engine</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.camunda</groupId>
      <artifactId>zeebe-process-test-engine</artifactId>
      <version>${ENGINE_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>2.0.17</version>
    </dependency>
  </dependencies>
</project>
`
const JARS = `engine-${ENGINE_VERSION}-${hash(POM)}`

/** Says whether the jars are in the cache, so that no Maven is needed. */
export function hasEngineJars(env: NodeJS.ProcessEnv): Promise<boolean> {
  return exists(join(cacheFolder(env), JARS))
}

/**
 * The folder of the engine's jars, downloaded at first.
 * @throws Error with the end of Maven's output when the download fails.
 */
export function keepEngineJars(setting: MavenSetting): Promise<string> {
  return keepOnce(cacheFolder(setting.env), JARS, async (folder) => {
    await writeFile(join(folder, 'pom.xml'), POM)
    await runMaven(
      {
        goal: 'copy-dependencies',
        args: ['-DincludeScope=runtime'],
        folder,
        what: `downloading the Zeebe engine ${ENGINE_VERSION}`,
        expectedMegabytes: 140,
      },
      setting,
    )
  })
}

/**
 * The folder of the launcher's classes, compiled again when its source, the engine or the JDK has changed.
 * @throws Error with the compiler's output, an AbortError when aborted.
 */
export async function keepLauncherClasses(
  jars: string,
  jdk: Jdk,
  { env, signal }: Pick<MavenSetting, 'env' | 'signal'>,
): Promise<string> {
  const names = (await readdir(LAUNCHER_SOURCES)).filter((name) => name.endsWith('.java')).sort()
  const files = names.map((name) => join(LAUNCHER_SOURCES, name))
  const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const key = hash([JARS, jdk.major, ...sources].join('\0'))
  return keepOnce(cacheFolder(env), `launcher-${key}`, async (folder) => {
    const args = ['--release', String(NEEDED_JAVA), '-nowarn', '-d', folder, '-cp', join(jars, '*'), ...files]
    await promisify(execFile)(join(jdk.home, 'bin', 'javac'), args, { env, signal })
  })
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
