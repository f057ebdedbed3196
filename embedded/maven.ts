// Brings files from the user's Maven repositories into a folder. Uses Maven's own settings, mirrors and local
// repository; nothing is downloaded any other way.
import { startChild } from './child-process.ts'
import type { Progress } from './progress.ts'

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }

/** What a download needs to know of its surroundings. */
export interface MavenSetting {
  /** The full path of `mvn`. */
  readonly mvn: string
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

/** A run of the dependency plugin. */
export interface MavenRun {
  readonly goal: string
  readonly args: readonly string[]
  /** Where it puts what it brings, and leaves its own marks: it runs in this folder. */
  readonly folder: string
  /** What it does, for people: "downloading the Zeebe engine". */
  readonly what: string
  /** About how much a first run downloads. */
  readonly expectedMegabytes: number
}

/** The bytes that a line of Maven's output reports as downloaded, 0 for any other line. */
export function downloadedBytes(line: string): number {
  const match = /Downloaded from .*\(([\d.]+) ([kMG]?B)(?: at [^)]*)?\)/.exec(line)
  return Number(match?.[1] ?? 0) * (UNITS[match?.[2] ?? 'B'] ?? 0)
}

/**
 * Runs a goal of Maven's dependency plugin, with the megabytes so far as progress.
 * @throws Error with the end of Maven's output when it fails, the signal's reason when aborted.
 */
export async function runMaven(run: MavenRun, setting: MavenSetting): Promise<void> {
  const { goal, args, folder, what, expectedMegabytes } = run
  const { mvn, env, progress, signal } = setting
  signal?.throwIfAborted()
  let bytes = 0
  progress.step(`${what} …`)
  const command = ['-B', '-Dstyle.color=never', `${PLUGIN}:${goal}`, `-DoutputDirectory=${folder}`, ...args]
  const child = startChild(mvn, command, {
    cwd: folder,
    env,
    onLine(line) {
      const added = downloadedBytes(line)
      bytes += added
      if (added > 0)
        progress.update(`${what}: ${Math.round(bytes / 1e6)} MB of about ${expectedMegabytes} MB`)
    },
  })
  const onAbort = () => void child.stop(0)
  signal?.addEventListener('abort', onAbort, { once: true })
  const { ok, text } = await child.ended
  signal?.removeEventListener('abort', onAbort)
  signal?.throwIfAborted()
  if (!ok) throw new Error(`Maven ${text} while ${what}:\n${errorsIn(child.tail())}`)
}

function errorsIn(output: string): string {
  const errors = output
    .split('\n')
    .filter((line) => /^\[ERROR\] (?!\[Help|.*-[eX] switch|.*following articles)\S/.test(line))
  return errors.length === 0 ? output : errors.join('\n')
}
