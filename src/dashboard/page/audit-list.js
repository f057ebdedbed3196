// The latest changes: who changed what.
import { html } from './lit-html/lit-html.js'
import { readable, when } from './parts.js'
import { laneHref } from './route.js'

/**
 * @import { AuditEntry } from '../../control/audit-log.ts'
 * @import { PageState } from './page-state.ts'
 */

const SHOWN = 10

/** @param {PageState} state @param {string} [lane] - shows the changes of this lane only. */
export function auditList({ audit, nowMs }, lane) {
  if (audit === null) return html``
  const entries = audit
    .filter(({ lanes }) => lane === undefined || lanes.some((name) => name === lane))
    .slice(0, SHOWN)
  return html`<section aria-labelledby="changes-title">
    <h2 id="changes-title">Latest changes</h2>
    ${
      entries.length === 0
        ? html`<p class="quiet">No recent changes.</p>`
        : html`<div class="table-frame">
            <table class="changes">
              <thead>
                <tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Change</th><th scope="col">Lanes</th></tr>
              </thead>
              <tbody>
                ${entries.map((entry) => line(entry, nowMs))}
              </tbody>
            </table>
          </div>`
    }
  </section>`
}

/** @param {AuditEntry} entry @param {number} nowMs */
function line({ atMs, by, action, change, lanes, reason }, nowMs) {
  return html`<tr>
    <td>${when(atMs, nowMs)}</td>
    <td>${by}</td>
    <td>${action}: ${change}${reason === undefined ? '' : html` <span class="quiet">(${reason})</span>`}</td>
    <td>${lanes.map((name, index) => html`${index > 0 ? ', ' : ''}<a href=${laneHref(name)}>${readable(name)}</a>`)}</td>
  </tr>`
}
