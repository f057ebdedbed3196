// The overview of all lanes.

import { auditList } from './audit-list.js'
import { COLUMNS, chosenLanes, isIdle } from './columns.js'
import { onSubmit, onValue } from './fields.js'
import { count, duration, plural } from './format.js'
import { repeat } from './lit-html/directives/repeat.js'
import { html, nothing } from './lit-html/lit-html.js'

/**
 * @import { LaneLine, Totals } from '../lane-line.ts'
 * @import { Act, Column, PageState, TableView } from './page-state.ts'
 */

/** @param {PageState} state @param {Act} act */
export function overview(state, act) {
  const { lanes } = state
  return html`<div class="head">
      <h1 tabindex="-1" id="title">Lanes</h1>
      ${lanes === null ? nothing : filters(state, act)}
    </div>
    ${outages(lanes ?? [])} ${state.totals === null ? nothing : sums(state.totals)}
    ${lanes === null ? loading(state) : lanes.length === 0 ? empty() : table(lanes, state, act)}
    ${auditList(state)}`
}

/** @param {PageState} state */
function loading({ awaySinceMs }) {
  if (awaySinceMs !== null)
    return html`<p class="notice">Redis has not answered yet. Quarry tries again every second.</p>`
  return html`<p class="notice">Reading lanes…</p>`
}

function empty() {
  return html`<div class="notice">
    <p>No lane has been used in the last 24 hours.</p>
    <p class="quiet">A lane appears here as soon as Zeebe hands out a job for its account, region and model.</p>
  </div>`
}

/** Lanes in an outage, grouped by reason. @param {readonly LaneLine[]} lanes */
function outages(lanes) {
  const away = lanes.filter(({ outage }) => outage !== null)
  if (away.length === 0) return nothing
  const whys = [...new Set(away.map(({ outage }) => outage?.why ?? ''))]
  return html`<section class="outages" aria-label="Outages">
    ${whys.map((why) => {
      const lanes = away.filter(({ outage }) => outage?.why === why)
      const longest = Math.max(...lanes.map(({ outage }) => outage?.lastedMs ?? 0))
      return html`<p class="outage-line">
        <b>${plural(lanes.length, 'lane')} in an outage for ${duration(longest)}:</b> ${why}
      </p>`
    })}
  </section>`
}

/** @param {Totals} totals */
function sums({ waiting, active, delayed, held, maxHeld, outcomes, throttledLately, workers }) {
  /** @param {string} name @param {string} value */
  const tile = (name, value, more = '') => html`<div class="tile">
    <dt>${name}</dt>
    <dd>${value} ${more === '' ? nothing : html`<span class="quiet tile-more">${more}</span>`}</dd>
  </div>`
  return html`<dl class="tiles" aria-label="All lanes together">
    ${tile('Waiting', count(waiting))} ${tile('Active', count(active))} ${tile('Delayed', count(delayed))}
    ${tile('In Quarry', count(held), `of ${count(maxHeld)}`)} ${tile('Results not yet reported', count(outcomes))}
    ${tile('Throttles', count(throttledLately), 'last minute')} ${tile('Workers', count(workers))}
  </dl>`
}

/** @param {PageState} state @param {Act} act */
function filters({ view }, act) {
  return html`<form class="filters" role="search" aria-label="Lanes" @submit=${onSubmit(() => {})}>
    <label class="hidden" for="filter">Filter lanes by account, region or model</label>
    <input
      id="filter"
      type="search"
      placeholder="Filter by region, model…"
      autocomplete="off"
      .value=${view.text}
      @input=${onValue((text) => act.see({ text }))}
    />
    <label class="hidden" for="state">State</label>
    <select id="state" @change=${onValue((state) => act.see({ state }))}>
      ${[
        ['', 'Any state'],
        ['running', 'Running'],
        ['failing', 'Failing'],
        ['outage', 'In an outage'],
        ['cooldown', 'In cooldown'],
        ['paused', 'Paused'],
        ['draining', 'Draining'],
      ].map(
        ([value, text]) => html`<option value=${value} ?selected=${view.state === value}>${text}</option>`,
      )}
    </select>
  </form>`
}

/** @param {readonly LaneLine[]} lanes @param {PageState} state @param {Act} act */
function table(lanes, { view, history }, act) {
  const chosen = chosenLanes(lanes, view)
  const isAll = view.text === '' && view.state === ''
  const idle = isAll ? chosen.filter(isIdle) : []
  const folds = idle.length >= MANY_IDLE
  const rows = folds && !view.idle ? chosen.filter((lane) => !isIdle(lane)) : chosen
  // Explicit roles keep it a table for screen readers when a narrow screen shows cards.
  return html`<div class="table-frame">
    <table role="table" class="lanes">
      <caption class="hidden">
        ${plural(chosen.length, 'lane')} of ${count(lanes.length)}. Column titles sort the table.
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${COLUMNS.map((column) => columnTitle(column, view, act))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(
          rows,
          ({ name }) => name,
          (lane) => html`<tr role="row" data-lane=${lane.name} data-state=${lane.state}>
            ${COLUMNS.map(
              ({ id, title, number, cell }) =>
                html`<td role="cell" class="${id} ${number ? 'number' : ''}" data-title=${title}>${cell(lane, { history })}</td>`,
            )}
          </tr>`,
        )}
      </tbody>
    </table>
    ${folds ? idleButton(idle.length, view, act) : nothing}
    ${chosen.length > 0 ? nothing : html`<p class="notice">None of ${plural(lanes.length, 'lane')} matches the filter.</p>`}
  </div>`
}

/** Fewer are no burden. */
const MANY_IDLE = 4

/** @param {number} lanes @param {TableView} view @param {Act} act */
function idleButton(lanes, view, act) {
  return html`<p class="fold">
    <button type="button" aria-expanded=${view.idle} id="idle" @click=${() => act.see({ idle: !view.idle })}>
      ${view.idle ? 'Hide' : 'Show'} ${count(lanes)} idle lanes
    </button>
    <span class="quiet">without a job for five minutes</span>
  </p>`
}

/** @param {Column} column @param {TableView} view @param {Act} act */
function columnTitle({ id, title, key, number }, view, act) {
  const kind = number ? 'number' : ''
  if (key === undefined) return html`<th role="columnheader" scope="col" class="${id} ${kind}">${title}</th>`
  const isBy = view.by === id
  const sorted = isBy ? (view.down ? 'descending' : 'ascending') : 'none'
  const next = { by: id, down: isBy ? !view.down : Boolean(number) }
  return html`<th role="columnheader" scope="col" class="${id} ${kind}" aria-sort=${sorted}>
    <button type="button" class="sort" @click=${() => act.see(next)}>
      ${title}<span class="arrow" aria-hidden="true">${isBy ? (view.down ? '↓' : '↑') : ''}</span>
    </button>
  </th>`
}
