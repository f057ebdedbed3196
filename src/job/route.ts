/** Where a job's variables send it. A null region or model: the job cannot be sent as it is. */
export interface Route {
  readonly region: string | null
  readonly modelId: string | null
  /** Access key that the diagram gives; null for the worker's own credentials chain. */
  readonly accessKey: string | null
}
