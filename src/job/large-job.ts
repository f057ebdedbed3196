// Which jobs are large: they are handled separately, so that other jobs need not wait for them. Pure.

/** Parsing this many UTF-16 units takes some milliseconds. Of what people send, only some documents are this long. */
export const LARGE_UNITS = 64 * 1024

/** UTF-16 units of a job's variables and headers. */
export function unitsOf(job: { readonly variables: string; readonly customHeaders: string }): number {
  return job.variables.length + job.customHeaders.length
}
