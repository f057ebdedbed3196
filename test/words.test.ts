// Holds the words of CONTRIBUTING.md: a phrase that is given up there is used nowhere, in no spelling.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const FOLDERS = [
  'bench',
  'bin',
  'docker',
  'docs',
  'element-templates',
  'embedded',
  'examples',
  'k8s',
  'sim',
  'src',
  'test',
  'workers',
]
const TEXT = /\.(ts|js|lua|java|md|ya?ml|html|css|json|env)$/
/**
 * Files that are not searched: what the stock connector and the benchmarks wrote is theirs, a record of a decision keeps the words of its
 * day, and this file has phrases as examples.
 */
const LEFT_OUT = /(^|\/)(recordings|results|adr|node_modules|package-lock\.json|words\.test\.ts)(\/|$)/

interface GivenUp {
  readonly phrase: string
  readonly instead: string
}

/** The phrases in code type of the tables under "Words", with what to write instead. */
function givenUp(page: string): GivenUp[] {
  return page
    .slice(page.indexOf('\n## Words\n'))
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .flatMap((cells) => {
      // Of three columns (word, meaning, not) the last is given up; of two (not, but) the first.
      const [old = '', instead = ''] = cells.length === 3 ? [cells[2], cells[0]] : cells
      return [...old.matchAll(/`([^`]+)`/g)].map(([, phrase = '']) => ({ phrase, instead: instead.trim() }))
    })
}

/**
 * All spellings of a phrase: `keep trying`, also over two lines of a comment, `keep-trying`, `keepTrying`, `KEEP_TRYING`. Of a name
 * such as `OpenLane` only those of code: its words may be good English beside one another.
 */
function spellings(phrase: string): RegExp {
  const words = phrase
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(' ')
  const gap = phrase.includes(' ') ? String.raw`(?:[-_]|\s+(?:(?:\/\/|\*|#|--)\s+)?)` : '[-_]'
  const capitals = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
  const either = words.map((word, at) => `[${word.slice(0, 1)}${capitals[at]?.slice(0, 1)}]${word.slice(1)}`)
  const apart = `(?<![A-Za-z])${either.join(gap)}s?(?![a-z])`
  const joined = `(?:(?<![A-Za-z])${words[0]}|${capitals[0]})${capitals.slice(1).join('')}s?(?![a-z])`
  const constant = `(?<![A-Z])${words.join('_').toUpperCase()}S?(?![A-Z])`
  return new RegExp(`${apart}|${joined}|${constant}`, 'g')
}

function textFiles(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  )
  return [...inFolders, ...readdirSync(ROOT)].filter((file) => TEXT.test(file) && !LEFT_OUT.test(file)).sort()
}

function textOf(file: string): string {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return file === 'CONTRIBUTING.md' ? text.slice(0, text.indexOf('\n## Words\n')) : text
}

describe('the words of CONTRIBUTING.md', () => {
  const list = givenUp(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'))
  const patterns = list.map((given) => ({ ...given, pattern: spellings(given.phrase) }))

  it('include phrases that are given up', () => {
    expect(list).toContainEqual({ phrase: 'lane consumer', instead: '**lane worker**' })
    expect(list.length).toBeGreaterThan(10)
  })

  it.each([
    'lane consumer',
    'Lane consumers',
    'a lane\n  // consumer',
    'lane\nconsumer',
    'lane-consumer.ts',
    'LANE_CONSUMER',
  ])('are found as %j', (text) => {
    expect(text).toMatch(spellings('lane consumer'))
  })

  it.each(['openLane', 'makeOpenLanes', 'open-lanes.ts', 'OPEN_LANE'])('are found as the name %s', (text) => {
    expect(text).toMatch(spellings('OpenLane'))
  })

  it.each(['reopenLane', 'openLaneway', 'an open lane', 'OPENS_LANE'])('allow %j', (text) => {
    expect(text).not.toMatch(spellings('OpenLane'))
  })

  it('are followed everywhere', () => {
    const wrong = textFiles().flatMap((file) => {
      const text = `${file}\n${textOf(file)}`
      return patterns.flatMap(({ phrase, instead, pattern }) =>
        [...text.matchAll(pattern)].map(
          ({ index }) =>
            `${file}:${text.slice(0, index).split('\n').length - 1}: not "${phrase}" but ${instead}`,
        ),
      )
    })
    expect(wrong).toEqual([])
  })
})
