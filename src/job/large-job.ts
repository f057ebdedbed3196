// Which jobs are large: they are dealt with apart from others, which would wait for them. Pure.

/** Text of so many UTF-16 units takes some milliseconds to be read. Of what people send, some documents are so long. */
export const LARGE_UNITS = 64 * 1024

/** UTF-16 units of what a job holds. */
export function unitsOf(job: { readonly variables: string; readonly customHeaders: string }): number {
  return job.variables.length + job.customHeaders.length
}
