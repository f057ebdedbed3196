// One job by its key: where it is, why it waits, and the retry button.

import { retryIdle, retryQuestion } from './actions.js'
import { count, duration } from './format.js'
import { html, nothing } from './lit-html/lit-html.js'
import { facts, readable } from './parts.js'
import { jobHref, laneHref } from './route.js'

/**
 * @import { JobPlace, JobView } from '../../control/job-view.ts'
 * @import { Act, PageState } from './page-state.ts'
 */

/** @type {Record<JobPlace, string>} */
const PLACES = {
  waiting: 'in its lane, waiting for its turn',
  delayed: 'in its lane, delayed until it is due',
  active: 'with a worker',
  outbox: 'answered, result not yet reported to Zeebe',
  zeebe: 'with Zeebe',
  missing: 'in no lane',
}

/** @param {string} key @param {PageState} state @param {Act} act */
export function jobPage(key, state, act) {
  const { job, jobProblem } = state
  return html`<nav aria-label="Breadcrumb" class="crumbs">
      <a href="#/">Lanes</a>
      ${job === null ? nothing : html`<span aria-hidden="true">/</span> <a href=${laneHref(job.lane)}>${readable(job.lane)}</a>`}
    </nav>
    <h1 tabindex="-1" id="title">${state.found === null ? 'Job' : 'Process instance'} ${key}</h1>
    ${
      jobProblem !== null
        ? html`<p class="notice" id="job-problem">${jobProblem}</p>`
        : state.found !== null
          ? jobsOf(state.found)
          : job === null
            ? html`<p class="notice">Looking for the job…</p>`
            : found(job, state, act)
    }`
}

/** @param {readonly JobView[]} jobs */
function jobsOf(jobs) {
  return html`<p class="lead">Its jobs that Quarry knows, in the order in which they came.</p>
    <div class="table-frame"><table role="table" class="jobs">
      <thead role="rowgroup">
        <tr role="row">
          ${['Job', 'Element', 'Calls', 'Error', 'Lane', 'Where and why'].map((title) => html`<th role="columnheader" scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${jobs.map(
          (job) => html`<tr role="row">
            <td role="cell" data-title="Job"><a href=${jobHref(job.key)}>${job.key}</a></td>
            <td role="cell" data-title="Element">${job.elementId ?? '–'}</td>
            <td role="cell" data-title="Calls">${count(job.sends)}</td>
            <td role="cell" data-title="Error">${job.error ?? '–'}</td>
            <td role="cell" data-title="Lane"><a href=${laneHref(job.lane)}>${readable(job.lane)}</a></td>
            <td role="cell" data-title="Where and why" class="why">${job.why}</td>
          </tr>`,
        )}
      </tbody>
    </table></div>`
}

/** @param {JobView} job */
function callsText({ sends, throttles, outages }) {
  const inOutage = outages === 0 ? '' : `, ${count(outages)} in an outage`
  return `${count(sends)}, ${count(throttles)} of them throttled${inOutage}`
}

/** @param {JobView} job @param {Act} act */
function retryButton(job, act) {
  const why = retryIdle(job)
  return html`<button
    type="button"
    class="action"
    data-action="retry"
    aria-disabled=${why !== null}
    title=${why ?? nothing}
    @click=${() => (why === null ? act.ask(retryQuestion(job)) : act.say(why))}
  >
    Retry
  </button>`
}

/** @param {JobView} job @param {PageState} state @param {Act} act */
function found(job, { me }, act) {
  return html`<p class="lead" id="job-why">It ${job.why.replace(/\.$/, '')}.</p>
    ${
      me?.role === 'operator'
        ? html`<div class="actions" role="group" aria-label="Change this job">
            ${retryButton(job, act)}
          </div>`
        : me === null
          ? nothing
          : html`<p class="note">You are signed in as ${me.name}, a viewer. Only operators can retry jobs.</p>`
    }
    ${facts([
      ['Where', PLACES[job.place] ?? job.place],
      ['State', job.state],
      ['Lane', html`<a href=${laneHref(job.lane)}>${job.model}, ${job.region}, ${job.account}</a>`],
      ['Process', job.processId ?? 'not known'],
      ['Element', job.elementId ?? 'not known'],
      [
        'Process instance',
        job.processInstanceKey === null
          ? 'not known'
          : html`<a href=${jobHref(job.processInstanceKey)}>${job.processInstanceKey}</a>`,
      ],
      ['Tenant', job.tenantId ?? '–'],
      ['Waited', job.waitedMs === null ? 'the job has ended' : duration(job.waitedMs)],
      ['Ended', job.endedAgoMs === null ? '–' : `${duration(job.endedAgoMs)} ago`],
      ['Ahead of it', job.ahead === null ? '–' : count(job.ahead)],
      ['Estimated turn in', job.turnInMs === null ? '–' : duration(job.turnInMs)],
      [
        'Lease',
        job.leaseLeftMs === null
          ? 'extended by the adapters'
          : `${duration(Math.max(0, job.leaseLeftMs))} left`,
      ],
      ['Calls sent', job.sends === 0 ? 'none' : callsText(job)],
      ['Workers that died', count(job.deaths)],
      ['Outcome', job.outcome ?? 'none yet'],
      ['Error', job.error ?? 'none'],
      ['Last failure', job.lastFailure ?? 'none'],
    ])}`
}
