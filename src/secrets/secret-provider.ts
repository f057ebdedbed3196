// What a source of secrets looks like. A further one is one file that makes this, and one line in workers/secrets.ts.

/** Whose secret is asked for. */
export interface SecretScope {
  readonly tenantId: string
  readonly bpmnProcessId: string
}

/** A source of secrets. */
export interface SecretProvider {
  /**
   * The value, or null when there is no such secret here.
   * @throws Error when the source cannot be asked now; the message is shown to people and holds no value.
   */
  get(name: string, scope: SecretScope): Promise<string | null>
}
