// The frame of each view: header with job search, banner for problems, result of the last change, footer.

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
      <input id="job-key" name="key" type="search" inputmode="numeric" placeholder="Job or process instance" autocomplete="off" />
      <button type="submit">Find job</button>
    </form>
    <span class="who">${me === null ? nothing : me.signsIn ? html`${me.name} <span class="quiet">${me.role}</span>` : 'No sign-in: everybody is an operator'}</span>
    <label class="theme"
      ><span class="hidden">Theme</span>
      <select id="theme" @change=${onValue(act.theme)}>
        ${[
          ['', 'Theme: system'],
          ['light', 'Theme: light'],
          ['dark', 'Theme: dark'],
        ].map(([value, text]) => html`<option value=${value} ?selected=${theme === value}>${text}</option>`)}
      </select>
    </label>
  </header>`
}

/** Screen readers announce the sentence once; the passing seconds are hidden from them. @param {PageState} state */
export function banner({ problem, awaySinceMs, readAtMs, nowMs }) {
  const figures = readAtMs === null ? '' : ` The figures are from ${timeOfDay(readAtMs)}.`
  const text =
    problem !== null
      ? `${problem}${figures}`
      : awaySinceMs !== null
        ? `Redis does not answer. Quarry tries again every second.${figures}`
        : ''
  const since =
    problem === null && awaySinceMs !== null
      ? html`<span aria-hidden="true"> Away since ${ago(awaySinceMs, nowMs).replace(' ago', '')}.</span>`
      : nothing
  return html`<div class="banner" role="status" id="banner" ?data-shown=${text !== ''}>${text}${since}</div>`
}

/** The result of a change. @param {PageState} state */
export function result({ said }) {
  return html`<div class="result" role="status" id="result" ?data-shown=${said !== ''}>${said}</div>`
}

/** @param {PageState} state */
export function footer({ readAtMs }) {
  return html`<footer class="quiet">
    ${readAtMs === null ? nothing : html`Read <time title=${exactTime(readAtMs)} datetime=${new Date(readAtMs).toISOString()}>${timeOfDay(readAtMs)}</time>.`}
    Refreshes every second while this tab is visible. <a href="/metrics">Metrics</a> · <a href="/health">Health</a>
  </footer>`
}
