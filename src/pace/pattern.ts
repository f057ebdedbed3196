// Names by pattern: `*` stands for any characters. Pure.

/** Whether a name fits a pattern; an absent pattern fits every name. */
export function matches(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 's').test(name)
}
