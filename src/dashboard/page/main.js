// The page: its state, what keeps it up to date, and what it draws.

import {
  ApiError,
  readAudit,
  readHistory,
  readInstance,
  readJob,
  readJobs,
  readLanes,
  readMe,
  skewMs,
} from './api.js'
import { dialog } from './dialog.js'
import { jobPage } from './job-page.js'
import { lanePage } from './lane-page.js'
import { html, render } from './lit-html/lit-html.js'
import { overview } from './overview.js'
import { poll } from './poll.js'
import { jobHref, readRoute } from './route.js'
import { banner, footer, header, result } from './shell.js'

/** @import { Act, Asked, PageState } from './page-state.ts' */

const LANES_MS = 1_000
const SLOW_MS = 5_000
const JOBS_MS = 2_000
const SAID_MS = 8_000

/** @type {PageState} */
const state = {
  me: null,
  lanes: null,
  totals: null,
  awaySinceMs: null,
  readAtMs: null,
  history: null,
  audit: null,
  jobs: null,
  jobsProblem: null,
  job: null,
  found: null,
  jobProblem: null,
  problem: null,
  route: readRoute(location.hash),
  view: { text: '', state: '', by: 'state', down: false, idle: false },
  theme: document.documentElement.dataset['theme'] ?? '',
  asked: null,
  said: '',
  nowMs: Date.now(),
}

/** @type {{ lanes?: string | undefined, history?: string | undefined, audit?: string | undefined }} */
const tags = {}

/** @template {HTMLElement} E @param {string} id @param {new () => E} kind */
function element(id, kind) {
  const found = document.getElementById(id)
  if (found instanceof kind) return found
  throw new Error(`The page has no ${kind.name} #${id}.`)
}

const dialogElement = () => element('dialog', HTMLDialogElement)

function view() {
  const { route } = state
  switch (route.page) {
    case 'overview':
      return overview(state, act)
    case 'lane':
      return lanePage(route.name, state, act)
    case 'job':
      return jobPage(route.key, state, act)
  }
}

function draw() {
  state.nowMs = Date.now() + skewMs
  render(
    html`${header(state, act)} ${banner(state)}
      <main id="main" tabindex="-1">${view()}</main>
      ${footer(state)} ${dialog(state, act)} ${result(state)}`,
    element('app', HTMLDivElement),
  )
}

/** @param {Partial<PageState>} change */
function update(change) {
  Object.assign(state, change)
  draw()
}

/** @param {unknown} error */
const failed = (error) => {
  if (!(error instanceof ApiError)) throw error
  // The banner shows from the lanes' answer that Redis is away.
  if (error.status !== 503) update({ problem: error.message })
}

const lanesPoll = poll(
  LANES_MS,
  async () => {
    const { value, tag, readAtMs } = await readLanes(tags.lanes)
    tags.lanes = tag
    update({ ...value, readAtMs: readAtMs ?? state.readAtMs, problem: null })
  },
  failed,
)

const slowPoll = poll(
  SLOW_MS,
  async () => {
    if (state.me === null) state.me = await readMe()
    const [history, audit] = await Promise.all([readHistory(tags.history), readAudit(tags.audit)])
    tags.history = history.tag
    tags.audit = audit.tag
    update({ history: history.value ?? state.history, audit: audit.value?.entries ?? state.audit })
  },
  failed,
)

const jobsPoll = poll(JOBS_MS, readShown, failed)

async function readShown() {
  const { route } = state
  if (route.page === 'overview') return
  const found = await (route.page === 'lane' ? readLaneJobs(route.name) : readOneJob(route.key))
  // The user may have opened another view meanwhile.
  if (state.route === route) update(found)
}

/** @param {string} lane @returns {Promise<Partial<PageState>>} */
async function readLaneJobs(lane) {
  try {
    return { jobs: (await readJobs(lane)).jobs, jobsProblem: null }
  } catch (error) {
    return { jobsProblem: refusal(error) }
  }
}

/** @param {string} key @returns {Promise<Partial<PageState>>} */
async function readOneJob(key) {
  try {
    return { job: await readJob(key), found: null, jobProblem: null }
  } catch (error) {
    const jobProblem = refusal(error)
    // It may be the key of a process instance.
    const { jobs } = await readInstance(key).catch(() => ({ jobs: [] }))
    return jobs.length === 0
      ? { job: null, found: null, jobProblem }
      : { job: null, found: jobs, jobProblem: null }
  }
}

/** The reason why the API refuses; rethrows any other error. @param {unknown} error */
function refusal(error) {
  if (!(error instanceof ApiError) || error.status === 0) throw error
  return error.message
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let saidTimer
/** @param {string} said */
function say(said) {
  clearTimeout(saidTimer)
  update({ said })
  saidTimer = setTimeout(() => update({ said: '' }), SAID_MS)
}

/** @param {Partial<Asked>} change */
function updateAsked(change) {
  if (state.asked !== null) update({ asked: { ...state.asked, ...change } })
}

const close = () => dialogElement().close()

/** @type {Act} */
const act = {
  say,
  see: (view) => update({ view: { ...state.view, ...view } }),
  ask(question) {
    update({ asked: { question, busy: false, problem: null } })
    dialogElement().showModal()
  },
  close,
  closed() {
    // Browsers report the closing late: another dialog may be open by now.
    if (!dialogElement().open) update({ asked: null })
  },
  refuse: (problem) => updateAsked({ problem }),
  async confirm(values) {
    const question = state.asked?.question
    if (question === undefined) return
    // Browsers close a dialog at the second Escape, even if the page prevents it.
    const isOpen = () => state.asked?.question === question
    updateAsked({ busy: true, problem: null })
    try {
      const said = await question.run(values)
      if (isOpen()) close()
      say(said)
      for (const each of [lanesPoll, slowPoll, jobsPoll]) void each.now()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (isOpen()) updateAsked({ busy: false, problem: error.message })
      else say(error.message)
    }
  },
  lookUp(typed) {
    const key = typed.trim()
    if (key !== '') location.hash = jobHref(key)
  },
  theme(theme) {
    if (theme === '') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    try {
      localStorage.setItem('quarry-theme', theme)
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    update({ theme })
  },
}

window.addEventListener('hashchange', () => {
  update({ route: readRoute(location.hash), jobs: null, jobsProblem: null, job: null, jobProblem: null })
  const title = element('title', HTMLHeadingElement)
  document.title = `${title.textContent.trim()} · Quarry`
  title.focus()
  window.scrollTo(0, 0)
  void jobsPoll.now()
})

// Without this the link would change the hash, which is the page's route.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault()
  element('main', HTMLElement).focus()
})

draw()
setInterval(() => document.hidden || draw(), 1_000)
