// Readings that someone waits for: an answer must come even when Redis goes silent in the middle of one.

/** Thrown when work takes longer than it is waited for. */
export class LateError extends Error {
  override readonly name = 'LateError'
  readonly code = 'LATE'

  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}

/** What work comes to. @throws LateError when it takes longer than `ms`; it is then left alone. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LateError(ms)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
