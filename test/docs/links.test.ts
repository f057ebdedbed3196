// Every link of every page within the project leads to a file, and to a heading of it.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..')
const PAGES = [...globSync('*.md', { cwd: ROOT }), ...globSync('docs/**/*.md', { cwd: ROOT })]

it('the link test finds the pages', () => {
  expect(PAGES).toEqual(
    expect.arrayContaining(['README.md', 'docs/operations.md', 'docs/adr/0001-thin-grpc-job-port.md']),
  )
})

it.each(PAGES)('every link of %s has a target', (page) => {
  const links = [
    ...readFileSync(join(ROOT, page), 'utf8').matchAll(
      /(?:\]\(|src(?:set)?=")(?!https?:)([^)#"]*)(?:#([^)"]+))?[)"]/g,
    ),
  ]
  for (const [link, path = '', section] of links) {
    const target = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path)
    expect([link, existsSync(target)]).toEqual([link, true])
    if (section !== undefined)
      expect([link, sectionsOf(target)]).toEqual([link, expect.arrayContaining([section])])
  }
})

/** The anchors that GitHub gives the headings of a page. */
function sectionsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}
