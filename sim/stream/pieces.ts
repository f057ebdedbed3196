// How a text is cut for a stream: in pieces of a token each, or in halves. Never within a character. Pure.
const CHARACTERS_OF_A_TOKEN = 4

/** The pieces of a text; none for an empty one. */
export function pieces(text: string, byToken: boolean): string[] {
  const characters = Array.from(text)
  const size = byToken ? CHARACTERS_OF_A_TOKEN : Math.max(1, Math.ceil(characters.length / 2))
  const cut: string[] = []
  for (let from = 0; from < characters.length; from += size) {
    cut.push(characters.slice(from, from + size).join(''))
  }
  return cut
}
