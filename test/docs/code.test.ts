// Code in the pages that is no shell command: it is read by what reads it for users. The tutorial's is run by test/flow/tutorial.test.ts.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { bareText } from '../../src/feel/evaluation.ts'
import { parse as parseFeel } from '../../src/feel/parse.ts'
import { LANE_RULE_NAMES } from '../../src/settings/lane-rules-schema.ts'
import { listSettings } from '../../src/settings/list-settings.ts'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'
import { readSettingsFile } from '../../src/settings/settings-file.ts'
import { metricsIn } from '../deploy/promql.ts'
import { blocksOf, codeBlocks, PAGES, ROOT } from './code-blocks.ts'

it('pages have code only in languages that tests read', () => {
  const languages = PAGES.flatMap((page) => codeBlocks(page).map(({ language }) => language))
  const read = ['', 'diff', 'feel', 'json', 'mermaid', 'promql', 'sh', 'text', 'ts', 'xml', 'yaml']
  expect(languages.filter((language) => !read.includes(language))).toEqual([])
})

describe('YAML', () => {
  // Settings of the stand-in, in test/sim/docs.test.ts.
  const blocks = blocksOf('yaml').filter(({ page }) => page !== 'docs/stand-in.md')
  const keysOf = (text: string) => Object.keys(parseAllDocuments(text)[0]?.toJS() ?? {})
  const isOf = (names: readonly string[]) => (block: { readonly text: string }) =>
    keysOf(block.text).every((key) => names.includes(key))
  const lanes = blocks.filter(isOf(LANE_RULE_NAMES[''] ?? []))

  it.each(blocks)('$name can be parsed', ({ text }) => {
    for (const document of parseAllDocuments(text))
      expect([...document.errors, ...document.warnings]).toEqual([])
  })

  it('is found for the lanes file', () => {
    expect(lanes.length).toBeGreaterThan(5)
  })

  it.each(lanes)('$name is a valid lanes file', ({ page, text }) => {
    expect(readLaneRules({ path: page, text }).problems).toEqual([])
  })

  it('docs/settings.md has a valid settings file', () => {
    const [block] = blocks.filter(({ page }) => page === 'docs/settings.md')
    const file = { path: 'docs/settings.md', text: block?.text ?? '' }
    expect(readSettingsFile(file, listSettings()).problems).toEqual([])
  })
})

describe('JSON', () => {
  it.each(blocksOf('json'))('$name can be parsed', ({ text }) => {
    expect(() => JSON.parse(text)).not.toThrow()
  })
})

describe('FEEL', () => {
  const page = readFileSync(join(ROOT, 'docs', 'bedrock.md'), 'utf8')
  const inputs = codeBlocks('docs/bedrock.md').flatMap(({ text }) =>
    [...text.matchAll(/^data\.\w+ += (.*?)(?: +\/\/.*)?$/gm)].map(([, feel = '']) => feel),
  )
  const spans = [...page.matchAll(/`(=[^`]+)`/g)].map(([, feel = '']) => feel)
  const expressions = PAGES.flatMap((name) =>
    codeBlocks(name)
      .filter(({ text }) => /^=|^if /.test(text))
      .map(({ text }) => text),
  )

  it('is found in the pages', () => {
    expect([inputs.length > 15, spans.length > 5, expressions.length > 1]).toEqual([true, true, true])
  })

  // A dash of dots is what the reader knows.
  it.each([...inputs, ...spans, ...expressions])('%s can be parsed', (feel) => {
    expect(parseFeel(bareText(feel.trim().replaceAll(/(?<=: )…/g, 'null')))).not.toBeNull()
  })
})

describe('PromQL', () => {
  const known = readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8')

  it('of the table of questions in docs/metrics.md has metrics that exist', () => {
    const [questions = '', reference = ''] = known.split(/^## Liveness$/m)
    const metrics = metricsIn(questions)
    expect(metrics.length).toBeGreaterThan(15)
    for (const metric of metrics) expect(reference).toContain(metric.replace(/_(bucket|count|sum)$/, ''))
  })

  it.each(blocksOf('promql'))('$name has metrics that exist', ({ text }) => {
    const metrics = metricsIn(text)
    expect(metrics.length).toBeGreaterThan(0)
    for (const metric of metrics) expect(known).toContain(metric)
  })
})

describe('TypeScript', () => {
  /** What the code around a block has. */
  const AROUND = `import { Camunda8 } from '@camunda8/sdk'
import { context, propagation } from '@opentelemetry/api'
const camunda = new Camunda8().getZeebeGrpcApiClient()
const claim = { id: 1 }
`

  it.each(blocksOf('ts'))('$name compiles', ({ text }) => {
    const folder = mkdtempSync(join(ROOT, 'node_modules', '.docs-'))
    try {
      const file = join(folder, 'block.ts')
      writeFileSync(file, `${AROUND}${text}\nexport {}\n`)
      const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'esnext', '--module', 'nodenext']
      execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), [...flags, '--ignoreConfig', file], {
        cwd: folder,
        stdio: 'pipe',
      })
    } catch (error) {
      throw new Error(String((error as { stdout?: Buffer }).stdout ?? error))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
