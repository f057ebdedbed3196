// What stands around each view: the head with the look-up of jobs, what Quarry and Redis say of themselves, and results.

import { inputOf, onSubmit, onValue } from './fields.js'
import { ago, exactTime, timeOfDay } from './format.js'
import { html, nothing } from './lit-html/lit-html.js'

/** @import { Act, PageState } from './page-state.ts' */

/** @param {PageState} state @param {Act} act */
export function header({ me, theme }, act) {
  return html`<header class="top">
    <a class="brand" href="#/"><img src="/assets/icon.svg" alt="" width="22" height="22" />Quarry</a>
    ${me?.label ? html`<span class="label">${me.label}</span>` : nothing}
    <nav aria-label="Main">
      <a href="#/">Lanes</a>
      <a href="/queues">Raw queues</a>
    </nav>
    <form class="lookup" role="search" aria-label="Jobs" @submit=${onSubmit((form) => act.lookUp(inputOf(form, 'key').value))}>
      <label class="hidden" for="job-key">Job key</label>
      <input id="job-key" name="key" type="search" inputmode="numeric" placeholder="Job key" autocomplete="off" />
      <button type="submit">Find job</button>
    </form>
    <span class="who">${me === null ? nothing : html`${me.name} <span class="quiet">${me.role}</span>`}</span>
    <label class="theme"
      ><span class="hidden">Theme</span>
      <select id="theme" @change=${onValue(act.theme)}>
        ${[
          ['', 'Auto'],
          ['light', 'Light'],
          ['dark', 'Dark'],
        ].map(([value, text]) => html`<option value=${value} ?selected=${theme === value}>${text}</option>`)}
      </select>
    </label>
  </header>`
}

/** The sentence is said once; the seconds that go by are only seen. @param {PageState} state */
export function banner({ problem, awaySinceMs, readAtMs, nowMs }) {
  const figures = readAtMs === null ? '' : ` Figures are of ${timeOfDay(readAtMs)}.`
  const text =
    problem !== null
      ? `${problem}${figures}`
      : awaySinceMs !== null
        ? `Redis does not answer; it is tried again each second.${figures}`
        : ''
  const since =
    problem === null && awaySinceMs !== null
      ? html`<span aria-hidden="true"> Away since ${ago(awaySinceMs, nowMs).replace(' ago', '')}.</span>`
      : nothing
  return html`<div class="banner" role="status" id="banner" ?data-shown=${text !== ''}>${text}${since}</div>`
}

/** What came of a change. @param {PageState} state */
export function result({ said }) {
  return html`<div class="result" role="status" id="result" ?data-shown=${said !== ''}>${said}</div>`
}

/** @param {PageState} state */
export function footer({ readAtMs }) {
  return html`<footer class="quiet">
    ${readAtMs === null ? nothing : html`Read <time title=${exactTime(readAtMs)} datetime=${new Date(readAtMs).toISOString()}>${timeOfDay(readAtMs)}</time>.`}
    Figures are read each second while this tab is seen. <a href="/metrics">Metrics</a> · <a href="/health">Health</a>
  </footer>`
}
