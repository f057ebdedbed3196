// What a part is to those who use it, and how its start is asked for. Types only.
import type { Progress } from './progress.ts'
import type { EngineRecords } from './zeebe/records.ts'

/** How a part is provided: running already at an address, in a container, or as a process of ours. */
export type Origin = 'address' | 'docker' | 'embedded'

/** A Zeebe engine with a gRPC gateway. */
export interface EnginePart {
  readonly origin: Origin
  /** In the form `grpc://127.0.0.1:26500`. */
  readonly grpcAddress: string
  /** Camunda's REST API, in the form `http://127.0.0.1:8080`; only of an engine in a container. */
  readonly restAddress?: string
  /** What the engine has done; not of a given address. */
  readonly records?: EngineRecords
  /** Ends what was started and waits for its end; nothing for a given address. Idempotent. */
  stop(): Promise<void>
}

/** A Redis. */
export interface RedisPart {
  readonly origin: Origin
  /** In the form `redis://127.0.0.1:6379`. */
  readonly url: string
  /** Ends what was started and waits for its end; nothing for a given address. Idempotent. */
  stop(): Promise<void>
}

/** How a part is started. */
export interface StartOptions {
  /**
   * Read for the addresses, `QUARRY_PARTS` (`embedded` or `docker`: the only way to start parts), `QUARRY_CACHE`
   * (the folder of downloads, `~/.cache/quarry` unless set), `JAVA_HOME` and `PATH`.
   */
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
  /** Gives up a start; what was begun is ended. */
  readonly signal?: AbortSignal | undefined
}
