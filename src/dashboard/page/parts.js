// Small pieces that several views show.

import { ago, compact, duration, exactTime, figure } from './format.js'
import { html, nothing } from './lit-html/lit-html.js'
import { laneHref } from './route.js'

/** @import { LaneLine } from '../lane-line.ts' */

/** `amazon.nova-lite-v1:0`, over region and account. @param {LaneLine} lane */
export function laneLabel({ name, accountName, region, model }) {
  return html`<a class="lane-link" href=${laneHref(name)}>${model}</a>
    <span class="quiet sub">${region} · ${accountName}</span>`
}

/** A word with a dot: the colour says nothing that the word does not. @param {LaneLine} lane */
export function stateBadge({ state, pace, outage }) {
  if (state === 'outage' && outage !== null) {
    return html`<span class="badge outage">outage</span>
      <span class="quiet sub" title=${outage.why}>for ${duration(outage.lastedMs)}</span>`
  }
  const cooling = state === 'running' && pace.cooldownMs > 0
  return html`<span class="badge ${cooling ? 'cooling' : state}">${cooling ? 'cooldown' : state}</span>
    ${cooling ? html`<span class="quiet sub">${duration(Math.max(1_000, pace.cooldownMs))} left</span>` : nothing}`
}

/** `600 rpm · 200K tpm`, and where it is from. @param {LaneLine} lane */
export function quotaText({ quota, changed }) {
  const { requestsPerMinute: rpm, tokensPerMinute: tpm, concurrency } = quota
  const figures = [
    rpm === null ? null : `${figure(rpm)} rpm`,
    tpm === null ? null : `${compact(tpm)} tpm`,
    concurrency === null ? null : `${figure(concurrency)} calls`,
  ].filter((text) => text !== null)
  if (figures.length === 0) return html`<span class="quiet">none set</span>`
  return html`${figures.join(' · ')} <span class="quiet sub">${originText(quota.origin, changed)}</span>`
}

/** @param {LaneLine['quota']['origin']} origin @param {LaneLine['changed']} changed */
function originText(origin, changed) {
  if (origin === 'wish') return changed === null ? 'set live' : `set by ${changed.by}`
  return { file: 'by the lanes file', settings: 'by settings', default: 'by default', none: '' }[origin]
}

/** `12 s ago`, with the exact time as its title. @param {number} atMs @param {number} nowMs */
export function when(atMs, nowMs) {
  return html`<time datetime=${new Date(atMs).toISOString()} title=${exactTime(atMs)}>${ago(atMs, nowMs)}</time>`
}

/** Rows of names and values. @param {readonly (readonly [string, unknown])[]} rows @param {'' | 'six'} columns */
export function facts(rows, columns = '') {
  return html`<dl class="facts ${columns}">
    ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`
}
