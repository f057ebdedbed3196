// Finds a JDK that can compile and run the engine. Looks only; installs and changes nothing.
import { execFile } from 'node:child_process'
import { readdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram, isExecutable } from './find-program.ts'

/** The engine's classes are compiled for Java 21. */
export const NEEDED_JAVA = 21

/** A Java installation with a compiler. */
export interface Jdk {
  readonly home: string
  /** 21 for Java 21.0.4. */
  readonly major: number
}

/** A Java installation as it was found: `major` undefined when it does not run, no `javac` in a mere runtime. */
export interface JavaHome {
  readonly home: string
  readonly major: number | undefined
  readonly hasCompiler: boolean
}

/** Reads the major version from what `java -version` prints: 21 for "21.0.4", 8 for "1.8.0_292". */
export function parseJavaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

/** Says why none of the Java installations will do. */
export function whyNoJdk(found: readonly JavaHome[]): string {
  const needed = `it needs a JDK ${NEEDED_JAVA} or later (with javac)`
  if (found.length === 0)
    return `${needed}, and there is no Java in JAVA_HOME, on the PATH or in the usual folders`
  const list = found.map(({ home, major, hasCompiler }) => {
    if (major === undefined) return `${home} (does not run)`
    return `${home} (Java ${major}${hasCompiler ? '' : ', no javac'})`
  })
  return `${needed}, and found only ${list.join(', ')}`
}

/** Says whether a Java installation can compile and run the engine. */
export function isJdk(java: JavaHome): java is JavaHome & Jdk {
  return java.major !== undefined && java.major >= NEEDED_JAVA && java.hasCompiler
}

/**
 * Looks in `JAVA_HOME`, on the `PATH` and in the folders where systems keep their JDKs, in this order.
 * @returns the first that will do, and all that were looked at up to it.
 */
export async function findJdk(
  env: NodeJS.ProcessEnv,
): Promise<{ jdk: Jdk | undefined; found: readonly JavaHome[] }> {
  const found: JavaHome[] = []
  for (const home of await candidateHomes(env)) {
    const java = await inspect(home)
    if (java === undefined) continue
    found.push(java)
    if (isJdk(java)) return { jdk: java, found }
  }
  return { jdk: undefined, found }
}

async function candidateHomes(env: NodeJS.ProcessEnv): Promise<ReadonlySet<string>> {
  const onPath = await findProgram('java', env)
  const given = [env['JAVA_HOME'], onPath && dirname(dirname(await realpath(onPath)))]
  const linux = await foldersIn('/usr/lib/jvm')
  const mac = await foldersIn('/Library/Java/JavaVirtualMachines')
  const homes = [...given, ...linux, ...mac.map((folder) => join(folder, 'Contents', 'Home'))]
  const real = await Promise.all(homes.map((home) => home && realpath(home).catch(() => undefined)))
  return new Set(real.filter((home) => home !== undefined).filter((home) => home !== ''))
}

async function foldersIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name))
}

async function inspect(home: string): Promise<JavaHome | undefined> {
  const java = join(home, 'bin', 'java')
  if (!(await isExecutable(java))) return undefined
  // The version is printed on standard error.
  const { stderr } = await promisify(execFile)(java, ['-version'], { timeout: 10_000 }).catch(() => ({
    stderr: '',
  }))
  const hasCompiler = await isExecutable(join(home, 'bin', 'javac'))
  return { home, major: parseJavaVersion(stderr), hasCompiler }
}
