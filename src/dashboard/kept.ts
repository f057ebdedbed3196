// A cache of answers: requests for the same key share one answer for a while, also while it is being made.

interface KeptOptions<T> {
  /** How long an answer is used, ms. */
  readonly keptMs: number
  /** ms. */
  readonly now: () => number
  /** Whether an answer may be cached. @default always */
  readonly counts?: (answer: T) => boolean
}

/** @returns the cached answer, or the one that `make` makes. */
export type Kept<T> = (question: string, make: () => Promise<T>) => Promise<T>

const MOST = 100

export function makeKept<T>({ keptMs, now, counts = () => true }: KeptOptions<T>): Kept<T> {
  const answers = new Map<string, { readonly atMs: number; readonly answer: Promise<T> }>()
  return async (question, make) => {
    const known = answers.get(question)
    if (known !== undefined && now() - known.atMs < keptMs) return known.answer
    const made = { atMs: now(), answer: make() }
    answers.delete(question)
    answers.set(question, made)
    const [oldest] = answers.keys()
    if (answers.size > MOST && oldest !== undefined) answers.delete(oldest)
    const drop = (): void => {
      if (answers.get(question) === made) answers.delete(question)
    }
    try {
      const answer = await made.answer
      if (!counts(answer)) drop()
      return answer
    } catch (error) {
      drop()
      throw error
    }
  }
}
