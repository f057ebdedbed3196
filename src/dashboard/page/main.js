// The page: what is known, how it is kept up to date, and what is drawn of it.

import { ACTIONS, RETRY } from './actions.js'
import { ApiError, jobPath, lanePath, read, readIfChanged, skewMs } from './api.js'
import { dialog } from './dialog.js'
import { jobPage } from './job-page.js'
import { lanePage } from './lane-page.js'
import { html, render } from './lit-html/lit-html.js'
import { overview } from './overview.js'
import { poll } from './poll.js'
import { jobHref, readRoute } from './route.js'
import { banner, footer, header, result } from './shell.js'

const LANES_MS = 1_000
const SLOW_MS = 5_000
const JOBS_MS = 2_000
const SAID_MS = 8_000
const VIEWS = { overview, lane: lanePage, job: jobPage }

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
  jobProblem: null,
  /** Why nothing can be read. */
  problem: null,
  route: readRoute(location.hash),
  view: { text: '', state: '', by: 'lane', down: false },
  theme: document.documentElement.dataset.theme ?? '',
  asked: null,
  said: '',
  nowMs: Date.now(),
}

const tags = {}

function draw() {
  state.nowMs = Date.now() + skewMs
  const view = VIEWS[state.route.page]
  render(
    html`${header(state, act)} ${banner(state)}
      <main id="main" tabindex="-1">${view(state, act)}</main>
      ${footer(state)} ${dialog(state, act)} ${result(state)}`,
    document.getElementById('app'),
  )
}

function update(change) {
  Object.assign(state, change)
  draw()
}

const failed = (error) => {
  if (!(error instanceof ApiError)) throw error
  // The lanes tell when Redis is away, once for all.
  if (error.status !== 503) update({ problem: error.message })
}

const lanesPoll = poll(
  LANES_MS,
  async () => {
    const { value, tag, readAtMs } = await readIfChanged('/api/lanes', tags.lanes)
    tags.lanes = tag
    update({ ...value, readAtMs: readAtMs ?? state.readAtMs, problem: null })
  },
  failed,
)

const slowPoll = poll(
  SLOW_MS,
  async () => {
    if (state.me === null) state.me = await read('/api/me')
    const [history, audit] = await Promise.all([
      readIfChanged('/api/history', tags.history),
      readIfChanged('/api/audit', tags.audit),
    ])
    tags.history = history.tag
    tags.audit = audit.tag
    update({ history: history.value ?? state.history, audit: audit.value?.entries ?? state.audit })
  },
  failed,
)

const jobsPoll = poll(JOBS_MS, readJobs, failed)

async function readJobs() {
  const { page, name, key } = state.route
  if (page === 'overview') return
  try {
    const found = await read(page === 'lane' ? `${lanePath(name)}/jobs` : jobPath(key))
    if (state.route.name !== name || state.route.key !== key) return
    update(page === 'lane' ? { jobs: found.jobs, jobsProblem: null } : { job: found, jobProblem: null })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error
    update(page === 'lane' ? { jobsProblem: error.message } : { job: null, jobProblem: error.message })
  }
}

let saidTimer
function say(said) {
  clearTimeout(saidTimer)
  update({ said })
  saidTimer = setTimeout(() => update({ said: '' }), SAID_MS)
}

function ask(action, of) {
  update({ asked: { action, of, busy: false, problem: null } })
  document.getElementById('dialog').showModal()
}

const close = () => document.getElementById('dialog').close()

const act = {
  say,
  see: (view) => update({ view: { ...state.view, ...view } }),
  ask: (id, lane) => ask(ACTIONS[id], lane),
  askRetry: (job) => ask(RETRY, job),
  close,
  closed: () => update({ asked: null }),
  refuse: (problem) => update({ asked: { ...state.asked, problem } }),
  async confirm(values) {
    const { action, of } = state.asked
    update({ asked: { ...state.asked, busy: true, problem: null } })
    try {
      const told = await action.run(of, values)
      close()
      say(action.done(of, values, told))
      for (const each of [lanesPoll, slowPoll, jobsPoll]) void each.now()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      update({ asked: { ...state.asked, busy: false, problem: error.message } })
    }
  },
  lookUp(event) {
    event.preventDefault()
    const key = event.target.elements.key.value.trim()
    if (key !== '') location.hash = jobHref(key)
  },
  theme(theme) {
    if (theme === '') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    try {
      localStorage.setItem('quarry-theme', theme)
    } catch {
      // It then holds for this page only.
    }
    update({ theme })
  },
}

window.addEventListener('hashchange', () => {
  update({ route: readRoute(location.hash), jobs: null, jobsProblem: null, job: null, jobProblem: null })
  const title = document.getElementById('title')
  document.title = `${title.textContent.trim()} · Quarry`
  title.focus()
  window.scrollTo(0, 0)
  void jobsPoll.now()
})

// It leads to no place of ours, so the address stays.
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault()
  document.getElementById('main').focus()
})

draw()
setInterval(() => document.hidden || draw(), 1_000)
