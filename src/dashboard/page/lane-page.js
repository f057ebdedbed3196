// One lane: its figures, its last 15 minutes, its first jobs, and the actions of operators.

import { ACTIONS } from './actions.js'
import { auditList } from './audit-list.js'
import { chart, usedBar } from './chart.js'
import { compact, count, duration, figure } from './format.js'
import { repeat } from './lit-html/directives/repeat.js'
import { html, nothing } from './lit-html/lit-html.js'
import { facts, isUnroutable, quotaText, readable, stateBadge, when } from './parts.js'
import { jobHref } from './route.js'

/**
 * @import { JobView } from '../../control/job-view.ts'
 * @import { LaneLine } from '../lane-line.ts'
 * @import { Act, PageState } from './page-state.ts'
 */

/** @param {string} name @param {PageState} state @param {Act} act */
export function lanePage(name, state, act) {
  const { lanes } = state
  const lane = lanes?.find((each) => each.name === name)
  const back = html`<nav aria-label="Breadcrumb" class="crumbs"><a href="#/">Lanes</a></nav>`
  if (lane === undefined) {
    return html`${back}
      <h1 tabindex="-1" id="title">${readable(name)}</h1>
      <p class="notice">
        ${lanes === null ? 'Reading the lane…' : 'There is no such lane. Quarry knows the lanes that had jobs in the last 24 hours or were changed by an operator.'}
      </p>`
  }
  return html`${back}
    <div class="head">
      <h1 tabindex="-1" id="title">${laneTitle(lane)}</h1>
      <p class="state">${stateBadge(lane)}</p>
    </div>
    ${outageNote(lane)} ${actions(lane, state, act)} ${figures(lane, state)} ${charts(lane, state)} ${jobs(state)} ${auditList(state, lane.name)}`
}

/** @param {LaneLine} lane */
function laneTitle({ name, model, region, accountName }) {
  if (isUnroutable(name)) return readable(name)
  return html`${model} <span class="quiet h1-more">${region} · ${accountName}</span>`
}

/** @param {LaneLine} lane */
function outageNote({ outage }) {
  if (outage === null) return nothing
  return html`<section class="outages" aria-label="Outage">
    <p class="outage-line"><b>In an outage for ${duration(outage.lastedMs)}:</b> ${outage.why}</p>
    <p>
      While jobs wait, the lane tries one call now and then. It continues by itself when one succeeds.
    </p>
  </section>`
}

/** @param {LaneLine} lane @param {PageState} state @param {Act} act */
function actions(lane, { me }, act) {
  if (me === null) return nothing
  if (me.role !== 'operator') {
    return html`<p class="note">You are signed in as ${me.name}, a viewer. Only operators can change lanes.</p>`
  }
  return html`<div class="actions" role="group" aria-label="Change this lane">
    ${Object.entries(ACTIONS).map(([id, { label, idle, question }]) => {
      const why = idle(lane)
      return html`<button
        type="button"
        class="action"
        data-action=${id}
        aria-disabled=${why !== null}
        title=${why ?? nothing}
        @click=${() => (why === null ? act.ask(question(lane)) : act.say(why))}
      >
        ${label}
      </button>`
    })}
  </div>`
}

/** @param {LaneLine} lane @param {PageState} state */
function figures(lane, { nowMs }) {
  const { waiting, active, delayed, oldestWaitMs, pace, throttledLately, usedRatio, changed, recent } = lane
  return facts(
    [
      ['Waiting', count(waiting)],
      ['Active', count(active)],
      ['Delayed', count(delayed)],
      ['Time for backlog', backlogText(lane)],
      ['Oldest wait', oldestWaitMs === null ? '–' : duration(oldestWaitMs)],
      [
        'Pace now',
        pace.requestsPerMinute === null ? 'no call sent yet' : `${figure(pace.requestsPerMinute)} rpm`,
      ],
      ['Quota', quotaText(lane)],
      ['Used', usedBar(usedRatio)],
      ['Throttles', `${count(throttledLately)} last minute, ${count(pace.throttles)} in total`],
      ['Cooldown', cooldownText(pace)],
      ['Calls', `${figure(recent.callsPerMinute)} a minute`],
      ['Mean time of a call', recent.meanMs === null ? '–' : `${(recent.meanMs / 1_000).toFixed(1)} s`],
      ['Tokens', `${compact(recent.tokensPerMinute)} a minute`],
      ['Cost', recent.usdPerHour === 0 ? '–' : `about ${recent.usdPerHour.toFixed(2)} dollars an hour`],
      ['Workers with calls', workersText(lane)],
      [
        'Failed jobs',
        `${count(recent.failed)} of ${count(recent.jobs)}, ${count(recent.incidents)} incidents`,
      ],
      ['Last change', changed === null ? 'none' : html`${changed.by}, ${when(changed.atMs, nowMs)}`],
    ],
    'six',
  )
}

/** @param {LaneLine} lane */
function workersText({ workers }) {
  if (workers.length === 0) return 'none'
  return workers.map(({ name, calls }) => `${name}: ${count(calls)}`).join(', ')
}

/** @type {Record<LaneLine['state'], string>} */
const STATES = {
  running: 'it runs',
  failing: 'most of its jobs fail',
  outage: 'it is in an outage',
  paused: 'it is paused',
  draining: 'it drains',
}

/** @param {LaneLine['pace']} pace */
function cooldownText({ cooldownMs, cooldownWhy }) {
  if (cooldownMs <= 0) return 'none'
  const left = `${duration(Math.max(1_000, cooldownMs))} left`
  return cooldownWhy === null ? left : html`${left} <span class="quiet sub">${cooldownWhy}</span>`
}

/** At the current pace. @param {LaneLine} lane */
function backlogText({ backlogMs, state }) {
  if (backlogMs === null)
    return state === 'running' ? 'unknown: no call sent yet' : `unknown while ${STATES[state]}`
  return backlogMs === 0 ? 'no jobs wait' : `about ${duration(Math.max(1_000, backlogMs))}`
}

/** @param {LaneLine} lane @param {PageState} state */
function charts({ name }, { history }) {
  const series = history?.lanes[name]
  if (!history || !series)
    return html`<p class="quiet">Charts begin with the first sample, within 5 seconds.</p>`
  const { everyMs } = history
  return html`<section class="charts" aria-label="Last 15 minutes">
    ${chart({ title: 'Jobs waiting', values: series.waiting, everyMs })}
    ${chart({ title: 'Pace, requests per minute', values: series.pace, everyMs })}
    ${chart({ title: 'Throttles per 5 s', values: series.throttles, everyMs, bars: true })}
  </section>`
}

/** @param {PageState} state */
function jobs({ jobs: list, jobsProblem }) {
  return html`<section aria-labelledby="jobs-title">
    <h2 id="jobs-title">First jobs</h2>
    ${
      list === null
        ? html`<p class="quiet">${jobsProblem ?? 'Reading jobs…'}</p>`
        : list.length === 0
          ? html`<p class="quiet">There are no jobs in this lane.</p>`
          : html`<p class="quiet">In the order of their turns, up to 50.</p>
              ${jobTable(list)}`
    }
  </section>`
}

/** @param {readonly JobView[]} list */
function jobTable(list) {
  return html`<div class="table-frame">
    <table role="table" class="jobs">
      <thead role="rowgroup">
        <tr role="row">
          ${['Job', 'Place', 'Why', 'Process', 'Waited', 'Sends', 'Throttles'].map(
            (title, index) =>
              html`<th role="columnheader" scope="col" class=${index > 3 ? 'number' : ''}>${title}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(
          list,
          ({ key }) => key,
          (job) => html`<tr role="row">
            <td role="cell" data-title="Job"><a href=${jobHref(job.key)}>${job.key}</a></td>
            <td role="cell" data-title="Place">${job.place}</td>
            <td role="cell" data-title="Why" class="why">${job.why}</td>
            <td role="cell" data-title="Process">${job.processId ?? '–'}</td>
            <td role="cell" data-title="Waited" class="number">${job.waitedMs === null ? '–' : duration(job.waitedMs)}</td>
            <td role="cell" data-title="Sends" class="number">${count(job.sends)}</td>
            <td role="cell" data-title="Throttles" class="number">${count(job.throttles)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
