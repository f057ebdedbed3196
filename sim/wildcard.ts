// Patterns of quota and fault rules: '*' stands for any run of characters, all else for itself.

/** A test for the pattern; an absent pattern matches everything. */
export function makeMatcher(pattern: string | undefined): (text: string) => boolean {
  if (pattern === undefined || pattern === '*') return () => true
  if (!pattern.includes('*')) return (text) => text === pattern
  const expression = new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 's')
  return (text) => expression.test(text)
}
