// One job by its key: where it is, why it waits, and another try.

import { retryQuestion } from './actions.js'
import { readable } from './audit-list.js'
import { count, duration } from './format.js'
import { html, nothing } from './lit-html/lit-html.js'
import { facts } from './parts.js'
import { laneHref } from './route.js'

/**
 * @import { JobPlace, JobView } from '../../control/job-view.ts'
 * @import { Act, PageState } from './page-state.ts'
 */

/** @type {Record<JobPlace, string>} */
const PLACES = {
  waiting: 'in its lane, waiting for its turn',
  delayed: 'in its lane, put off until it is due',
  active: 'with a worker',
  outbox: 'answered, Zeebe is not told yet',
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
    <h1 tabindex="-1" id="title">Job ${key}</h1>
    ${
      jobProblem !== null
        ? html`<p class="notice" id="job-problem">${jobProblem}</p>`
        : job === null
          ? html`<p class="notice">Looking for the job…</p>`
          : found(job, state, act)
    }`
}

/** @param {JobView} job */
function callsText({ sends, throttles, outages }) {
  const inOutage = outages === 0 ? '' : `, ${count(outages)} in an outage`
  return `${count(sends)}, ${count(throttles)} of them throttled${inOutage}`
}

/** @param {JobView} job @param {PageState} state @param {Act} act */
function found(job, { me }, act) {
  return html`<p class="lead" id="job-why">It ${job.why.replace(/\.$/, '')}.</p>
    ${
      me?.role === 'operator'
        ? html`<div class="actions" role="group" aria-label="Change this job">
            <button type="button" class="action" data-action="retry" @click=${() => act.ask(retryQuestion(job))}>Retry</button>
          </div>`
        : me === null
          ? nothing
          : html`<p class="note">You are signed in as ${me.name}, a viewer: a retry takes the role operator.</p>`
    }
    ${facts([
      ['Where', PLACES[job.place] ?? job.place],
      ['State', job.state],
      ['Lane', html`<a href=${laneHref(job.lane)}>${job.model}, ${job.region}, ${job.account}</a>`],
      ['Process', job.processId ?? 'known only while it is in its lane'],
      ['Tenant', job.tenantId ?? '–'],
      ['Waited', job.waitedMs === null ? 'it has ended' : duration(job.waitedMs)],
      ['Ahead of it', job.ahead === null ? '–' : count(job.ahead)],
      ['Turn in about', job.turnInMs === null ? '–' : duration(job.turnInMs)],
      [
        'Lease',
        job.leaseLeftMs === null ? 'kept by the adapters' : `${duration(Math.max(0, job.leaseLeftMs))} left`,
      ],
      ['Calls sent', job.sends === 0 ? 'none' : callsText(job)],
      ['Workers that died', count(job.deaths)],
      ['Outcome', job.outcome ?? 'none yet'],
      ['Last failure', job.lastFailure ?? 'none'],
    ])}`
}
