// A real Chromium for the tests of the page: found, or fetched into the cache; where neither is possible the tests are
// left out, and say so.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../embedded/browser/find-chromium.ts'
import { terminalProgress } from '../../embedded/progress.ts'

const found = await findChromium({ env: process.env, progress: terminalProgress() })

/** Why there is no Chromium; null where there is one. */
export const noBrowser = typeof found === 'string' ? found : null
if (noBrowser !== null) console.warn(`The tests of the page are left out: ${noBrowser}`)

export async function openBrowser(): Promise<Browser> {
  if (typeof found === 'string') throw new Error(found)
  const { executablePath, env } = found
  // Without a user namespace of its own, as in most containers, its sandbox cannot be made.
  return chromium.launch({ executablePath, args: ['--no-sandbox'], env: { ...process.env, ...env } })
}

export interface Opened {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors of the page: of its scripts, and what its policy refused. */
  readonly errors: string[]
}

/** A tab of somebody who signs in by a password. */
export async function openTab(
  browser: Browser,
  options: NonNullable<Parameters<Browser['newContext']>[0]> = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  // A machine that is busy with other things must not fail a test.
  context.setDefaultTimeout(60_000)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return { context, page, errors }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds on the page, of the serious and critical kind, one line each. */
export async function seriousIssues(page: Page): Promise<string[]> {
  // By the debugger: the page's policy lets no script in that is not its own.
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run()).violations
  })
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}
