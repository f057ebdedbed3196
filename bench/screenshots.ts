// The pictures of the dashboard in docs/images: a real Chromium on a real Quarry under a throttled load.
import { mkdir, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from '../embedded/browser/find-chromium.ts'
import { terminalProgress } from '../embedded/progress.ts'
import { laneName } from '../src/job/lane.ts'
import { OPERATOR, SCENE, startScene } from './dashboard-scene.ts'

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url))
/** Until the charts have enough samples. */
const LOAD_MS = 200_000
const LARGEST_BYTES = 200_000

const [, , , throttled, drained, paused] = SCENE.map(({ region, model }) =>
  laneName({ account: 'default', region, model }),
)
const laneHash = `#/lane/${encodeURIComponent(throttled ?? '')}`

async function act(url: string, lane: string | undefined, action: string): Promise<void> {
  const { username, password } = OPERATOR
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/json', 'x-quarry-request': 'screenshots' }
  const path = `/api/lanes/${encodeURIComponent(lane ?? '')}/${action}`
  const response = await fetch(url + path, { method: 'POST', headers, body: '{}' })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
}

async function take(browser: Browser, url: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const context = await browser.newContext({
    httpCredentials: OPERATOR,
    viewport: { width: 1360, height: 860 },
    colorScheme,
  })
  const page = await context.newPage()
  const save = async (name: string, fullPage = false): Promise<void> => {
    const path = `${FOLDER}${name}-${colorScheme}.png`
    await page.screenshot({ path, fullPage })
    const { size } = await stat(path)
    if (size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${LARGEST_BYTES}`)
  }
  await page.goto(url)
  await page.waitForSelector('.lanes .spark')
  await page.waitForSelector('.changes')
  await save('lanes', true)
  await page.goto(`${url}/${laneHash}`)
  await page.waitForSelector('.jobs tbody tr')
  await page.waitForSelector('.charts')
  await save('lane')
  // One theme is enough for these.
  if (colorScheme === 'light') await takeMore(page, save)
  await context.close()
}

async function takeMore(page: Page, save: (name: string) => Promise<void>): Promise<void> {
  await page.click('[data-action=pause]')
  await save('dialog')
  await page.keyboard.press('Escape')
  await page.locator('.jobs tbody tr', { hasText: 'ahead' }).last().locator('a').click()
  await page.waitForSelector('#job-why')
  await page.setViewportSize({ width: 1360, height: 500 })
  await save('job')
}

const progress = terminalProgress()
const found = await findChromium({ env: process.env, progress })
if (typeof found === 'string') throw new Error(found)
await mkdir(FOLDER, { recursive: true })
const scene = await startScene()
const browser = await chromium.launch({
  executablePath: found.executablePath,
  args: ['--no-sandbox'],
  env: { ...process.env, ...found.env },
})
try {
  progress.step(`load for ${LOAD_MS / 60_000} minutes`)
  await sleep(LOAD_MS - 60_000)
  await act(scene.url, drained, 'drain')
  await act(scene.url, paused, 'pause')
  await sleep(60_000)
  for (const colorScheme of ['light', 'dark'] as const) await take(browser, scene.url, colorScheme)
  progress.done(`Pictures are in ${FOLDER}`)
} finally {
  await browser.close()
  await scene.stop()
}
