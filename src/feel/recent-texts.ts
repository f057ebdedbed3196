// What is known of expressions by their text, least recently used first out. Bounded in number and in characters: a tree
// takes about a hundred bytes for each character.

const MOST_TEXTS = 1_000
const MOST_CHARACTERS = 200_000
/** A longer text is never kept: it would throw out all others. */
const LONGEST_TEXT = 20_000

export class RecentTexts<Known> {
  readonly #known = new Map<string, Known>()
  #characters = 0

  get(text: string): Known | undefined {
    const known = this.#known.get(text)
    if (known === undefined) return undefined
    this.#known.delete(text)
    this.#known.set(text, known)
    return known
  }

  set(text: string, known: Known): void {
    if (text.length > LONGEST_TEXT) return
    if (!this.#known.has(text)) this.#characters += text.length
    this.#known.set(text, known)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_TEXTS && this.#characters <= MOST_CHARACTERS) return
      this.#known.delete(oldest)
      this.#characters -= oldest.length
    }
  }
}
