// One lane: its figures, its quarter of an hour, its first jobs, and what an operator may do to it.

import { ACTIONS } from './actions.js'
import { auditList, readable } from './audit-list.js'
import { chart, usedBar } from './chart.js'
import { count, duration, figure } from './format.js'
import { repeat } from './lit-html/directives/repeat.js'
import { html, nothing } from './lit-html/lit-html.js'
import { facts, quotaText, stateBadge, when } from './parts.js'
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
        ${lanes === null ? 'Reading the lane…' : 'There is no such lane: those are known that had jobs in the last 24 hours, or that were changed.'}
      </p>`
  }
  return html`${back}
    <div class="head">
      <h1 tabindex="-1" id="title">${lane.model} <span class="quiet h1-more">${lane.region} · ${lane.accountName}</span></h1>
      <p class="state">${stateBadge(lane)}</p>
    </div>
    ${outageNote(lane)} ${actions(lane, state, act)} ${figures(lane, state)} ${charts(lane, state)} ${jobs(state)} ${auditList(state, lane.name)}`
}

/** @param {LaneLine} lane */
function outageNote({ outage }) {
  if (outage === null) return nothing
  return html`<section class="outages" aria-label="Outage">
    <p class="outage-line"><b>In an outage for ${duration(outage.lastedMs)}:</b> ${outage.why}</p>
    <p>
      While jobs wait, one call is tried now and then; when one succeeds, the lane goes on by itself.
    </p>
  </section>`
}

/** @param {LaneLine} lane @param {PageState} state @param {Act} act */
function actions(lane, { me }, act) {
  if (me === null) return nothing
  if (me.role !== 'operator') {
    return html`<p class="note">You are signed in as ${me.name}, a viewer: changing a lane takes the role operator.</p>`
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
  const { waiting, active, delayed, oldestWaitMs, pace, throttledLately, usedRatio, changed } = lane
  return facts(
    [
      ['Waiting', count(waiting)],
      ['Active', count(active)],
      ['Delayed', count(delayed)],
      ['Backlog takes', backlogText(lane)],
      ['Oldest wait', oldestWaitMs === null ? '–' : duration(oldestWaitMs)],
      [
        'Pace now',
        pace.requestsPerMinute === null ? 'nothing sent yet' : `${figure(pace.requestsPerMinute)} rpm`,
      ],
      ['Quota', quotaText(lane)],
      ['Used', usedBar(usedRatio)],
      ['Throttles', `${count(throttledLately)} last minute, ${count(pace.throttles)} ever`],
      ['Cooldown', cooldownText(pace)],
      ['Last change', changed === null ? 'none' : html`${changed.by}, ${when(changed.atMs, nowMs)}`],
    ],
    'six',
  )
}

/** @param {LaneLine['pace']} pace */
function cooldownText({ cooldownMs, cooldownWhy }) {
  if (cooldownMs <= 0) return 'none'
  const left = `${duration(Math.max(1_000, cooldownMs))} left`
  return cooldownWhy === null ? left : html`${left} <span class="quiet sub">${cooldownWhy}</span>`
}

/** At the pace of now. @param {LaneLine} lane */
function backlogText({ backlogMs, state }) {
  if (backlogMs === null) return state === 'running' ? 'not known yet' : `not known: ${state}`
  return backlogMs === 0 ? 'nothing waits' : `about ${duration(Math.max(1_000, backlogMs))}`
}

/** @param {LaneLine} lane @param {PageState} state */
function charts({ name }, { history }) {
  const series = history?.lanes[name]
  if (!history || !series) return html`<p class="quiet">Charts begin with the first sample, within 5 s.</p>`
  const { everyMs } = history
  return html`<section class="charts" aria-label="Lately">
    ${chart({ title: 'Jobs waiting', values: series.waiting, everyMs })}
    ${chart({ title: 'Pace, requests per minute', values: series.pace, everyMs })}
    ${chart({ title: 'Throttles in 5 s', values: series.throttles, everyMs, bars: true })}
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
          ? html`<p class="quiet">No job is in this lane.</p>`
          : html`<p class="quiet">In the order of their turns, at most 50.</p>
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
