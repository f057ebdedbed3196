// The interface of a source of secrets. Another source is one file that implements it, and one line in workers/secrets.ts.

/** Whose secret is asked for. */
export interface SecretScope {
  readonly tenantId: string
  readonly bpmnProcessId: string
}

/** A source of secrets. */
export interface SecretProvider {
  /**
   * The value; null if this source has no such secret.
   * @throws Error when the source cannot be asked now; the message is shown to people and holds no value.
   */
  get(name: string, scope: SecretScope): Promise<string | null>
}
