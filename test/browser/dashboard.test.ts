// The page in a real Chromium, over one Quarry under a throttled load: what it shows and how soon, and who may change what.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { makeAuditLog } from '../../src/control/audit-log.ts'
import { makeLaneControl } from '../../src/control/lane-control.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { makeOverrideStore } from '../../src/lanes/override-store.ts'
import { type LaneQueues, makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { startTcpProxy } from '../chaos/tcp-proxy.ts'
import { type LanesFile, makeLanesFile } from '../flow/lanes-file.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from '../flow/quarry-under-test.ts'
import { noBrowser, openBrowser, openTab, seriousIssues } from './browser.ts'

/** What is asked of the page's document, from within. */
declare const document: {
  readonly activeElement: { readonly id: string; readonly textContent: string | null } | null
  readonly documentElement: { readonly scrollWidth: number }
  querySelector(
    selector: string,
  ): { readonly textContent: string | null; contains(other: unknown): boolean } | null
}

const ANN = { username: 'ann', password: 'rock:3' }
const BOB = { username: 'bob', password: 'pebble' }
/** Throttled: AWS grants less than is configured. */
const BUSY = 'sim.busy-v1:0'
/** Has what it needs. */
const CALM = 'sim.calm-v1:0'
/** Paused by a test. */
const STILL = 'sim.still-v1:0'
/** Bedrock takes no calls of it. */
const AWAY = 'unavailable@sim.away-v1:0'
/** Waits for a budget. */
const POOR = 'sim.poor-v1:0'
const REGION = 'eu-west-1'
const SHOWN_WITHIN_MS = 2_000

const laneOf = (model: string): LaneName => laneName({ account: 'default', region: REGION, model })
const rowOf = (model: string) => `tr[data-lane="${laneOf(model)}"]`

let sim: Sim
let lanes: LanesFile
let quarry: QuarryUnderTest
let browser: Browser
let redis: ReturnType<typeof connectRedis>
let queues: LaneQueues
let stopLoad: () => Promise<void>
const url = (path = '/') => `${quarry.process.url}${path}`

beforeAll(async () => {
  if (noBrowser !== null) return
  sim = await startSim({
    settings: {
      latency: { kind: 'fixed', ms: 200 },
      quotas: [{ model: BUSY, requestsPerMinute: 120 }],
    },
  })
  lanes = await makeLanesFile(`quotas:
  - { model: "${BUSY}", requestsPerMinute: 600 }
  - { model: "${CALM}", requestsPerMinute: 600 }
budgets:
  - { name: tiny, model: "${POOR}", period: month, tokens: 1, action: wait }
`)
  quarry = await startQuarry({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.url,
    QUARRY_LANES_FILE: lanes.path,
    QUARRY_DASHBOARD_AUTH: 'basic',
    QUARRY_DASHBOARD_USERS: `ann:operator:${ANN.password},bob:viewer:${BOB.password}`,
    QUARRY_DASHBOARD_LABEL: 'under test',
  })
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  queues = makeLaneQueues(redis, makeKeys(quarry.prefix), () => undefined)
  browser = await openBrowser()
  stopLoad = await startLoad()
})

afterAll(async () => {
  if (noBrowser !== null) return
  await stopLoad?.()
  await browser?.close()
  await queues?.close()
  if (redis !== undefined) await closeRedis(redis)
  await quarry?.stop()
  await lanes?.remove()
  await sim?.stop()
})

/** Jobs for the throttled lane and the calm one, for as long as the tests run. */
async function startLoad(): Promise<() => Promise<void>> {
  const ids = await Promise.all([BUSY, CALM].map(deploy))
  const stopping = new AbortController()
  const feed = async (bpmnProcessId: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      await start(bpmnProcessId)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  const fed = Promise.all(ids.map(feed))
  return async () => {
    stopping.abort()
    await fed
  }
}

const deploy = (model: string) =>
  quarry.deploy({ inputs: converseInputs(model), headers: { resultVariable: 'answer' } })
const start = (bpmnProcessId: string) => quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })

/** Steers lanes as the command line does, in a process of its own. */
function control() {
  const keys = makeKeys(quarry.prefix)
  const overrides = makeOverrideStore(redis, keys)
  const audit = makeAuditLog(redis, keys)
  return makeLaneControl({ queues, overrides, audit, events: makeEvents(), by: 'eve@desk' })
}

const tab = (who: typeof ANN, options: Parameters<typeof openTab>[1] = {}) =>
  openTab(browser, { httpCredentials: who, ...options })

async function openOverview(page: Page): Promise<void> {
  await page.goto(url())
  await page.waitForSelector(rowOf(CALM))
}

async function showLane(page: Page, model: string): Promise<void> {
  await page.goto(url(`/#/lane/${encodeURIComponent(laneOf(model))}`))
  await page.waitForSelector('.facts')
}

/** When an element's text came to be so, by the clock of this machine. */
async function seenAt(page: Page, selector: string, pattern: RegExp): Promise<number> {
  const handle = await page.waitForFunction(
    ([where, source]) => {
      const text = document.querySelector(where ?? '')?.textContent ?? ''
      return new RegExp(source ?? '').test(text) ? Date.now() : false
    },
    [selector, pattern.source],
  )
  return Number(await handle.jsonValue())
}

async function firstJobKey(model: string, wanted: 'waiting' | 'delayed' = 'waiting'): Promise<string> {
  for (;;) {
    const response = await fetch(url(`/api/lanes/${encodeURIComponent(laneOf(model))}/jobs`), {
      headers: basic(ANN),
    })
    const { jobs = [] } = (await response.json()) as { jobs?: { key: string; place: string }[] }
    const job = jobs.find(({ place }) => place === wanted)
    if (job !== undefined) return job.key
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const basic = ({ username, password }: typeof ANN) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
})

async function waitingJob(model: string): Promise<string> {
  await control().pause([laneOf(model)])
  await start(await deploy(model))
  return firstJobKey(model)
}

describe.skipIf(noBrowser !== null)('the page', () => {
  it('shows lanes under load with their quota, pace and throttles, and breaks no rule of its policy', async () => {
    const { page, context, errors } = await tab(ANN)
    await openOverview(page)
    await seenAt(page, `${rowOf(BUSY)} .throttles`, /[1-9]\d* \/ min/)
    expect(await page.textContent(`${rowOf(CALM)} .quota`)).toContain('600 rpm')
    expect(await page.textContent(`${rowOf(CALM)} .pace`)).toMatch(/^\s*59\d/)
    await page.waitForSelector(`${rowOf(BUSY)} svg[role=img][aria-label*="Jobs waiting"]`)
    expect(await page.textContent('header')).toContain('under test')
    expect(await page.textContent('.who')).toContain('ann operator')
    await page.fill('#filter', 'calm')
    await page.waitForSelector(rowOf(BUSY), { state: 'detached' })
    expect(await page.locator(rowOf(CALM)).count()).toBe(1)
    expect(errors).toEqual([])
    await context.close()
  })

  it('shows a change within two seconds: a job that waits, a lane that is paused or drained, a throttle', async () => {
    const { page, context } = await tab(ANN)
    await openOverview(page)
    const late: Record<string, number> = {}
    const model = 'sim.new-v1:0'
    const bpmnProcessId = await deploy(model)
    await control().pause([laneOf(model)])
    const accepted = happened('accepted', model)
    await start(bpmnProcessId)
    late['a job waits'] = (await seenAt(page, `${rowOf(model)} .waiting`, /^\s*1\s*$/)) - (await accepted)
    late['drained'] = await shownAfter(page, model, /draining/, async () => {
      await control().resume([laneOf(model)])
      await control().drain([laneOf(model)])
    })
    late['paused'] = await shownAfter(page, model, /paused/, () => control().pause([laneOf(model)]))
    const throttling = 'throttle-1@sim.new'
    const throttled = happened('called', throttling)
    await start(await deploy(throttling))
    late['a throttle'] =
      (await seenAt(page, `${rowOf(throttling)} .throttles`, /1 in total/)) - (await throttled)
    for (const [what, ms] of Object.entries(late)) expect(ms, what).toBeLessThanOrEqual(SHOWN_WITHIN_MS)
    console.info(`shown after, ms: ${JSON.stringify(late)}`)
    await context.close()
  })

  it('lets an operator pause and resume a lane, after it explained the effect', async () => {
    const { page, context } = await tab(ANN)
    await showLane(page, CALM)
    await page.click('[data-action=pause]')
    expect(await page.textContent('dialog')).toContain('stays paused until somebody resumes it')
    await page.click('dialog button[type=submit]')
    await seenAt(page, '#result', /Paused sim\.calm/)
    expect(await queues.of(laneOf(CALM)).isPaused()).toBe(true)
    await seenAt(page, '.head .state', /paused/)
    const [line] = await makeAuditLog(redis, makeKeys(quarry.prefix)).last(1)
    expect(line).toMatchObject({ by: 'ann@dashboard', action: 'pause', lanes: [laneOf(CALM)] })
    await seenAt(page, '.changes', /ann@dashboard/)
    await page.click('[data-action=resume]')
    await page.click('dialog button[type=submit]')
    await seenAt(page, '.head .state', /running/)
    expect(await queues.of(laneOf(CALM)).isPaused()).toBe(false)
    await context.close()
  })

  it('opens a dialog right after another was closed, before the browser’s close event', async () => {
    const { page, context } = await tab(ANN)
    await showLane(page, CALM)
    await page.click('[data-action=pause]')
    await page.evaluate(`new Promise((told) => {
      const dialog = document.querySelector('dialog')
      dialog.addEventListener('close', told, { once: true })
      dialog.close()
      document.querySelector('[data-action=pace]').click()
    })`)
    expect(await page.textContent('dialog')).toContain('Set the pace of this lane')
    await context.close()
  })

  it('sets a pace, refuses invalid ones, and returns the lane to its quota', async () => {
    const { page, context } = await tab(ANN)
    const overrides = makeOverrideStore(redis, makeKeys(quarry.prefix))
    await showLane(page, CALM)
    await page.click('[data-action=pace]')
    await page.fill('#requestsPerMinute', 'fast')
    await page.click('dialog button[type=submit]')
    await seenAt(page, 'dialog [role=alert]', /fast is not a whole number/)
    await page.fill('#requestsPerMinute', '1,200')
    await page.click('dialog button[type=submit]')
    await seenAt(page, '.facts', /1,200 rpm\s+set by ann@dashboard/)
    expect(await overrides.read(laneOf(CALM))).toMatchObject({
      requestsPerMinute: 1_200,
      tokensPerMinute: null,
    })
    await page.click('[data-action=pace]')
    expect(await page.inputValue('#requestsPerMinute')).toBe('1200')
    await page.fill('#requestsPerMinute', '')
    await page.click('dialog button[type=submit]')
    await seenAt(page, '.facts', /600 rpm\s+from the lanes file/)
    expect(await overrides.read(laneOf(CALM))).toMatchObject({ requestsPerMinute: null })
    await context.close()
  })

  it.each(['light', 'dark'] as const)(
    'shows a lane in an outage and why, at a glance, on its page, with each job: %s',
    async (colorScheme) => {
      const bpmnProcessId = await deploy(AWAY)
      await Promise.all(Array.from({ length: 6 }, () => start(bpmnProcessId)))
      const { page, context } = await tab(BOB, { colorScheme })
      await openOverview(page)
      await seenAt(page, `${rowOf(AWAY)} .state`, /outage\s+for \d+ (s|min)/)
      const why = /ServiceUnavailableException \(503\)/
      await seenAt(page, '.outages', new RegExp(`1 lane in an outage for .*${why.source}`))
      expect(await seriousIssues(page), 'overview').toEqual([])
      await page.selectOption('#state', 'outage')
      await page.waitForSelector(rowOf(CALM), { state: 'detached' })
      await page.click(`${rowOf(AWAY)} a`)
      await seenAt(page, '.outages', why)
      await seenAt(page, '.jobs', new RegExp(`its lane has been in an outage for .*${why.source}`))
      expect(await seriousIssues(page), 'lane').toEqual([])
      await context.close()
    },
  )

  it('finds a job by its key and says why it waits', async () => {
    const key = await waitingJob(STILL)
    const { page, context } = await tab(BOB)
    await openOverview(page)
    await page.fill('#job-key', key)
    await page.click('.lookup button')
    await seenAt(page, '#job-why', /It waits: its lane is paused by eve@desk\./)
    expect(await page.title()).toBe(`Job ${key} · Quarry`)
    // The key of its process instance, as Operate lists it, leads to the jobs of that instance.
    const read = await fetch(url(`/api/jobs/${key}`), { headers: basic(ANN) })
    const { processInstanceKey } = (await read.json()) as { processInstanceKey: string }
    await page.fill('#job-key', processInstanceKey)
    await page.click('.lookup button')
    await seenAt(page, '#title', new RegExp(`Process instance ${processInstanceKey}`))
    await seenAt(page, '.jobs', new RegExp(key))
    await page.fill('#job-key', '12345')
    await page.click('.lookup button')
    await seenAt(page, '#job-problem', /Quarry knows no job 12345/)
    await context.close()
  })

  it('ignores the late answer for a job that the user has left', async () => {
    const { page, context } = await tab(BOB)
    const left = Promise.withResolvers<void>()
    await page.route('**/api/jobs/1', async (route) => {
      await left.promise
      await route.continue()
    })
    await page.route('**/api/jobs/2', () => undefined)
    const first = page.waitForRequest('**/api/jobs/1')
    await page.goto(url('/#/job/1'))
    await first
    await page.fill('#job-key', '2')
    await page.click('.lookup button')
    await seenAt(page, '#title', /Job 2/)
    const second = page.waitForRequest('**/api/jobs/2')
    left.resolve()
    await second
    expect(await page.textContent('main')).toContain('Looking for the job')
    await context.close()
  })

  it('keeps working when a dialog is closed while its change runs, and shows the result', async () => {
    const { page, context } = await tab(ANN)
    const closed = Promise.withResolvers<void>()
    await page.route('**/pause', async (route) => {
      await closed.promise
      await route.fulfill({ status: 503, json: { detail: 'It was not paused.' } })
    })
    await showLane(page, CALM)
    await page.click('[data-action=pause]')
    await page.click('dialog button[type=submit]')
    await seenAt(page, 'dialog button[type=submit]', /Working/)
    while (await page.locator('dialog[open]').isVisible()) await page.keyboard.press('Escape')
    closed.resolve()
    await seenAt(page, '#result', /It was not paused/)
    await page.click('.brand')
    await seenAt(page, '#title', /Lanes/)
    await context.close()
  })

  it('retries a job that waits for a budget, and offers no retry of one that waits for its turn', async () => {
    const bpmnProcessId = await deploy(POOR)
    await Promise.all([1, 2, 3].map(() => start(bpmnProcessId)))
    const key = await firstJobKey(POOR, 'delayed')
    const { page, context } = await tab(ANN)
    await page.goto(url(`/#/job/${await waitingJob(STILL)}`))
    await page.waitForSelector('[data-action=retry][aria-disabled=true]')
    await page.goto(url(`/#/job/${key}`))
    await seenAt(page, '#job-why', /waits for a budget/)
    await page.click('[data-action=retry]')
    await page.click('dialog button[type=submit]')
    await seenAt(page, '#result', /It is due now, at the front of its lane/)
    const [line] = await makeAuditLog(redis, makeKeys(quarry.prefix)).last(1)
    expect(line).toMatchObject({ by: 'ann@dashboard', action: 'retry' })
    await context.close()
  })

  it('lets a viewer look and change nothing', async () => {
    const { page, context } = await tab(BOB)
    await showLane(page, CALM)
    await seenAt(page, '.note', /signed in as bob, a viewer/)
    expect(await page.locator('[data-action]').count()).toBe(0)
    const statuses = await page.evaluate(
      async (lane) =>
        Promise.all(
          ['pause', 'pace', 'nothing'].map(async (action) => {
            const method = action === 'pace' ? 'PUT' : 'POST'
            const headers = { 'content-type': 'application/json', 'x-quarry-request': 'forged' }
            return (
              await fetch(`/api/lanes/${encodeURIComponent(lane)}/${action}`, { method, headers, body: '{}' })
            ).status
          }),
        ),
      laneOf(CALM),
    )
    expect(statuses).toEqual([403, 403, 403])
    expect(await queues.of(laneOf(CALM)).isPaused()).toBe(false)
    await context.close()
  })

  it('refuses changes sent from another origin', async () => {
    const { page, context } = await tab(ANN)
    await openOverview(page)
    const elsewhere = await context.newPage()
    await elsewhere.goto(`${sim.url.replace('127.0.0.1', 'localhost')}/__sim/stats`)
    const target = url(`/api/lanes/${encodeURIComponent(laneOf(CALM))}/pause`)
    await elsewhere.setContent(`<form method="post" action="${target}"><button>Win a prize</button></form>`)
    const [response] = await Promise.all([
      elsewhere.waitForResponse((each) => each.url() === target && each.status() !== 401),
      elsewhere.click('button'),
    ])
    expect(response.status()).toBe(403)
    expect(await response.json()).toMatchObject({
      title: 'Not allowed',
      detail: expect.stringContaining('another page'),
    })
    expect(await queues.of(laneOf(CALM)).isPaused()).toBe(false)
    await context.close()
  })
})

describe.skipIf(noBrowser !== null)('everybody', () => {
  it.each(['light', 'dark'] as const)(
    'can read every view in %s: axe finds nothing serious',
    async (colorScheme) => {
      const key = await waitingJob(STILL)
      const { page, context } = await tab(ANN, { colorScheme })
      await openOverview(page)
      await page.waitForSelector(`${rowOf(BUSY)} svg`)
      expect(await seriousIssues(page), 'overview').toEqual([])
      await showLane(page, STILL)
      await page.waitForSelector('.jobs tbody tr')
      await page.waitForSelector('.charts')
      expect(await seriousIssues(page), 'lane').toEqual([])
      await page.click('[data-action=pace]')
      expect(await seriousIssues(page), 'dialog').toEqual([])
      await page.keyboard.press('Escape')
      await page.goto(url(`/#/job/${key}`))
      await page.waitForSelector('#job-why')
      expect(await seriousIssues(page), 'job').toEqual([])
      await context.close()
    },
  )

  it('can use the page by the keyboard alone', async () => {
    const { page, context } = await tab(ANN)
    await openOverview(page)
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim())
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to content')
    await page.keyboard.press('Enter')
    expect(await focused()).toBe('main')
    const tabTo = async (wanted: string | undefined) => {
      for (let presses = 0; presses < 60 && (await focused()) !== wanted; presses += 1)
        await page.keyboard.press('Tab')
      expect(await focused()).toBe(wanted)
    }
    await tabTo(CALM)
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-action=pause]')
    expect(await focused()).toBe('title')
    await tabTo('Pause')
    await page.keyboard.press('Enter')
    expect(
      await page.evaluate(() => document.querySelector('dialog')?.contains(document.activeElement)),
    ).toBe(true)
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('Pause')
    await page.keyboard.press('Enter')
    await tabTo('Pause lane')
    await page.keyboard.press('Enter')
    await seenAt(page, '#result', /Paused/)
    // The page may learn of it after its result.
    await page.waitForSelector('[data-action=resume]:not([aria-disabled=true])')
    await tabTo('Resume')
    await page.keyboard.press('Enter')
    await tabTo('Resume lane')
    await page.keyboard.press('Enter')
    await seenAt(page, '#result', /Resumed/)
    await context.close()
  })

  it('folds lanes without jobs, which come last, where there are many', async () => {
    const registry = makeLaneRegistry(redis, makeKeys(quarry.prefix))
    const idle = [1, 2, 3, 4].map((index) => `idle-${index}`)
    for (const model of idle) await registry.touch(laneOf(model))
    const { page, context } = await tab(BOB)
    await openOverview(page)
    await seenAt(page, '#idle', /Show \d+ idle lanes/)
    expect(await page.$$(rowOf('idle-1'))).toHaveLength(0)
    await page.click('#idle')
    await page.waitForSelector(rowOf('idle-1'))
    // A filter looks at all lanes.
    await page.click('#idle')
    await page.fill('#filter', 'idle-2')
    await page.waitForSelector(rowOf('idle-2'))
    await context.close()
  })

  it.each([1024, 1152, 1280, 1440])(
    'shows all of the table of lanes on a screen of %i pixels',
    async (width) => {
      const long = `eu.anthropic.claude-sonnet-4-5-20250929-v1:0@${width}`
      await start(await deploy(long))
      const { page, context } = await tab(ANN, { viewport: { width, height: 800 } })
      await page.goto(url())
      await page.waitForSelector(rowOf(long))
      const hidden = await page.$eval('.table-frame', (frame) => frame.scrollWidth - frame.clientWidth)
      expect(hidden).toBeLessThanOrEqual(0)
      await context.close()
    },
  )

  it('can use the page on a screen of 360 pixels: nothing overflows', async () => {
    const key = await waitingJob(STILL)
    const { page, context } = await tab(ANN, { viewport: { width: 360, height: 740 } })
    await openOverview(page)
    const width = () => page.evaluate(() => document.documentElement.scrollWidth)
    expect(await width(), 'overview').toBeLessThanOrEqual(360)
    await showLane(page, STILL)
    await page.waitForSelector('.jobs tbody tr')
    expect(await width(), 'lane').toBeLessThanOrEqual(360)
    await page.goto(url(`/#/job/${key}`))
    await page.waitForSelector('#job-why')
    expect(await width(), 'job').toBeLessThanOrEqual(360)
    await context.close()
  })
})

describe.skipIf(noBrowser !== null)('the raw queues', () => {
  it('show lanes, hide what jobs carry, and change nothing', async () => {
    await waitingJob(STILL)
    const { page, context } = await tab(ANN)
    const queue = encodeURIComponent(`{default@${REGION}@${STILL}}`)
    await page.goto(url('/queues'))
    await page.getByText(`${STILL} · ${REGION} · default`).first().click()
    const [job] = await queues.of(laneOf(STILL)).getJobs(['prioritized'])
    await page
      .getByText(job?.id ?? '')
      .first()
      .waitFor()
    for (const path of [`?activeQueue=${queue}&status=prioritized&page=1`, `/${queue}/${job?.id}`]) {
      const answered = await page.evaluate(
        async (target) => (await fetch(`/queues/api/queues${target}`)).text(),
        path,
      )
      expect(answered).toContain(job?.id)
      expect(answered).toContain('(not shown)')
      expect(answered).not.toContain(JSON.stringify(job?.data))
    }
    const status = await page.evaluate(
      async (name) => (await fetch(`/queues/api/queues/${name}/pause`, { method: 'PUT' })).status,
      queue,
    )
    expect(status).toBe(405)
    await context.close()
  })
})

describe.skipIf(noBrowser !== null)('without Redis', () => {
  it('the page reports it, keeps its figures with their time, and goes on when Redis is back', async () => {
    const { hostname, port } = new URL(inject('redisUrl'))
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) })
    const ops = await startQuarry({
      QUARRY_ROLES: 'ops',
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
      QUARRY_REDIS_PREFIX: quarry.prefix,
    })
    onTestFinished(async () => {
      await ops.stop()
      await proxy.close()
    })
    const { page, context } = await tab(ANN)
    await page.goto(ops.process.url)
    await page.waitForSelector(rowOf(CALM))
    await proxy.cut()
    await seenAt(page, '#banner', /Redis does not answer.*The figures are from \d\d:\d\d:\d\d/)
    expect(await page.locator(rowOf(CALM)).count()).toBe(1)
    await page.click(`${rowOf(CALM)} a`)
    await page.click('[data-action=pause]')
    await page.click('dialog button[type=submit]')
    await seenAt(page, 'dialog [role=alert]', /Redis does not answer: nothing was read or changed/)
    await page.keyboard.press('Escape')
    await proxy.open()
    await page.waitForFunction(() => document.querySelector('#banner')?.textContent === '')
    await context.close()
  })
})

/** When the event first tells of the lane, by the clock of this machine. */
function happened(event: 'accepted' | 'called', model: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  quarry.process.events.on(event, ({ lane }: { readonly lane: LaneName }) => {
    if (lane === laneOf(model)) resolve(Date.now())
  })
  return promise
}

/** How long after a change the row says so, ms. */
async function shownAfter(
  page: Page,
  model: string,
  pattern: RegExp,
  change: () => Promise<void>,
): Promise<number> {
  await change()
  const changedAt = Date.now()
  return (await seenAt(page, `${rowOf(model)} .state`, pattern)) - changedAt
}
