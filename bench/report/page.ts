// The parts of a page that benchmarks write. Pure.

/**
 * A page with the part between the markers of a benchmark replaced.
 * @throws Error when the page has no such markers.
 */
export function withResults(page: string, bench: string, part: string): string {
  const [begin, end] = markers(bench)
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from === -1 || to < from) throw new Error(`The page has no part between ${begin} and ${end}.`)
  return `${page.slice(0, from + begin.length)}\n\n${part}\n\n${page.slice(to)}`
}

/** Where the results of a benchmark begin and end in a page. */
export function markers(bench: string): [begin: string, end: string] {
  return [
    `<!-- results of ${bench}: written by \`npm run bench -- ${bench}\` -->`,
    `<!-- end of results of ${bench} -->`,
  ]
}
