// The iteration order of Scala's hash maps, which `get entries`, `string`, `to json` and results show. Pure.

type Entry<T> = readonly [key: string, value: T]

const FEW = 4

/** An immutable Scala map keeps up to four entries in insertion order, and orders more by hash. The last entry of a key counts. */
export function inScalaOrder<T>(entries: Iterable<Entry<T>>): ReadonlyMap<string, T> {
  const map = new Map(entries)
  if (map.size <= FEW) return map
  const hashed = [...map].map((entry) => ({ entry, hash: improved(hashOf(entry[0])) }))
  return new Map(trie(hashed, 0))
}

interface Hashed<T> {
  readonly entry: Entry<T>
  readonly hash: number
}

/** A node of the trie iterates first over entries whose five bits are unique, then over its branches. */
function trie<T>(entries: readonly Hashed<T>[], shift: number): Entry<T>[] {
  if (shift > 30) return entries.map(({ entry }) => entry)
  const branches = Array.from({ length: 32 }, (): Hashed<T>[] => [])
  for (const hashed of entries) branches[(hashed.hash >>> shift) & 31]?.push(hashed)
  const alone = branches.filter(({ length }) => length === 1)
  const shared = branches.filter(({ length }) => length > 1)
  return [
    ...alone.flatMap((branch) => branch.map(({ entry }) => entry)),
    ...shared.flatMap((branch) => trie(branch, shift + 5)),
  ]
}

/** Java's `String.hashCode`. */
function hashOf(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}

function improved(hash: number): number {
  let result = (hash + ~(hash << 9)) | 0
  result ^= result >>> 14
  result = (result + (result << 4)) | 0
  return result ^ (result >>> 10)
}
