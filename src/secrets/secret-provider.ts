// The interface of a source of secrets. Another source is one file that implements it, and one line in workers/secrets.ts.

import type { Line } from '../job/line.ts'

/** Whose secret is asked for. */
export interface SecretScope {
  readonly tenantId: string
  readonly bpmnProcessId: string
  /** The line of the connector under which the job was accepted. Absent in jobs of versions that knew none. */
  readonly line?: Line
}

/** A source of secrets. */
export interface SecretProvider {
  /**
   * The value; null if this source has no such secret.
   * @throws Error when the source cannot be asked now; the message is shown to people and holds no value.
   */
  get(name: string, scope: SecretScope): Promise<string | null>
}
