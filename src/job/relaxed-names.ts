// The names under which Spring, and so the connector runtime, looks for a property in the environment. Pure.

/** The exact name first, then the relaxed ones. */
export function spellings(name: string): ReadonlySet<string> {
  const exact = [name, name.replaceAll('.', '_'), name.replaceAll('-', '_'), name.replaceAll(/[.-]/g, '_')]
  const upper = exact.map((spelling) => spelling.toUpperCase())
  return new Set([...exact, ...upper, name.replaceAll('.', '_').replaceAll('-', '').toUpperCase()])
}

/**
 * Two tenants of which one can reach the other's variables with a secret's name of its choice: `acme` those of `acme_eu`, with `eu_KEY`,
 * and `a-b` those of `a_b` and `A_B`. Null if there are none.
 */
export function tenantsThatMeet(ids: readonly string[]): readonly [string, string] | null {
  const upper = ids.map((id) => [...spellings(id)].map((spelling) => spelling.toUpperCase()))
  for (const [index, id] of ids.entries()) {
    const other = ids.find((_, at) => at !== index && reaches(upper[index] ?? [], upper[at] ?? []))
    if (other !== undefined) return [id, other]
  }
  return null
}

function reaches(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.some((other) => other === one || other.startsWith(`${one}_`)))
}
