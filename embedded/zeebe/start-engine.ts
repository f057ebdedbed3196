// Starts the real Zeebe engine in a Java process of its own, without Docker, on loopback. For development and
// tests: nothing survives its end.
import { delimiter, join } from 'node:path'
import { z } from 'zod'
import { startChild } from '../child-process.ts'
import { findJdk, type Jdk, whyNoJdk } from '../find-java.ts'
import { findProgram } from '../find-program.ts'
import type { EnginePart, StartOptions } from '../part.ts'
import { hasEngineJars, keepEngineJars, keepLauncherClasses } from './engine-jars.ts'
import { makeEngineRecords } from './records.ts'

const LAUNCHER = 'io.camunda.zeebe.process.test.engine.Launcher'
const ANY_PORT = '0'
const START_TIMEOUT_MS = 60_000

/** A gigabyte is plenty beside RocksDB's own memory; the serial collector starts fastest and needs the least. */
const JAVA_FLAGS = [
  '-Xmx1g',
  '-XX:+UseSerialGC',
  '--enable-native-access=ALL-UNNAMED',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
]

const ready = z.object({ grpcPort: z.number(), recordsPort: z.number() })

/** What the embedded engine is started with. */
export interface EngineNeeds {
  readonly jdk: Jdk
  /** Undefined only when the jars are in the cache. */
  readonly mvn: string | undefined
}

/** Finds what the embedded engine needs, or says what is missing. */
export async function findEngineNeeds(env: NodeJS.ProcessEnv): Promise<EngineNeeds | string> {
  const { jdk, found } = await findJdk(env)
  if (jdk === undefined) return whyNoJdk(found)
  const mvn = await findProgram('mvn', env)
  if (mvn === undefined && !(await hasEngineJars(env))) {
    return 'it needs Maven once, to download the engine, and there is no mvn on the PATH'
  }
  return { jdk, mvn }
}

/**
 * Starts the engine; at first it is downloaded (about 140 MB) and its launcher is compiled.
 * @throws Error with the end of the output of Maven, the compiler or the engine.
 */
export async function startEmbeddedEngine(needs: EngineNeeds, options: StartOptions): Promise<EnginePart> {
  const { jdk } = needs
  const { progress, signal } = options
  const env = { ...options.env, JAVA_HOME: jdk.home }
  const jars = await keepEngineJars({ mvn: needs.mvn ?? 'mvn', env, progress, signal })
  progress.step('starting the Zeebe engine …')
  const classes = await keepLauncherClasses(jars, jdk, { env, signal })
  const classPath = [classes, join(jars, '*')].join(delimiter)
  const child = startChild(
    join(jdk.home, 'bin', 'java'),
    [...JAVA_FLAGS, '-cp', classPath, LAUNCHER, ANY_PORT, ANY_PORT],
    { env, ownGroup: true },
  )
  try {
    const limits = { timeoutMs: START_TIMEOUT_MS, signal }
    const { grpcPort, recordsPort } = await child.line(readPorts, limits)
    progress.done(`Zeebe engine started on 127.0.0.1:${grpcPort}`)
    return {
      origin: 'embedded',
      grpcAddress: `grpc://127.0.0.1:${grpcPort}`,
      records: makeEngineRecords(recordsPort),
      stop: () => child.stop(),
    }
  } catch (error) {
    await child.stop()
    signal?.throwIfAborted()
    throw new Error(`The Zeebe engine did not start: ${describe(error)}`, { cause: error })
  }
}

function readPorts(line: string): z.infer<typeof ready> | undefined {
  return line.startsWith('{') ? ready.parse(JSON.parse(line)) : undefined
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
