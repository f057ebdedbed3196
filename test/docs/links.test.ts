// Every link of every page within the project leads to a file, and to a heading of it. Files that a page names exist.
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

/** A record of a decision keeps the names of its day, and the changelog those of each version. */
const TODAY = PAGES.filter((page) => page !== 'CHANGELOG.md' && !page.startsWith('docs/adr/'))

it.each(TODAY)('every file that %s names exists', (page) => {
  const named = readFileSync(join(ROOT, page), 'utf8').matchAll(
    /`((?:src|workers|test|k8s|docker|bin|bench|embedded|sim|examples)\/[\w./-]+)`/g,
  )
  const missing = [...named].map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))
  expect(missing).toEqual([])
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
