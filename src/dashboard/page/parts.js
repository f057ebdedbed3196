// Small pieces that several views use.

import { ago, compact, duration, exactTime, figure } from './format.js'
import { html, nothing } from './lit-html/lit-html.js'
import { laneHref } from './route.js'

/** @import { LaneLine } from '../lane-line.ts' */

/** Name of the lane for jobs that name no region or no model. */
const UNROUTABLE = 'none@none@none'

/** `nova in eu-west-1` for the lane name `default@eu-west-1@nova`. @param {string} name */
export function readable(name) {
  if (isUnroutable(name)) return 'No region or model'
  const [, region = '', model = ''] = name.split('@')
  try {
    return model === '' ? name : `${decodeURIComponent(model)} in ${decodeURIComponent(region)}`
  } catch {
    return name
  }
}

/** Whether jobs of the lane name no region or no model, so that they can only fail. @param {string} name */
export const isUnroutable = (name) => name === UNROUTABLE

/** The model, with region and account below. @param {LaneLine} lane */
export function laneLabel({ name, accountName, region, model }) {
  if (isUnroutable(name)) {
    return html`<a class="lane-link" href=${laneHref(name)}>${readable(name)}</a>
      <span class="quiet sub">jobs that cannot be sent: they fail</span>`
  }
  return html`<a class="lane-link" href=${laneHref(name)}>${model}</a>
    <span class="quiet sub">${region} · ${accountName}</span>`
}

/** A word with a coloured dot. The colour only repeats the word. @param {LaneLine} lane */
export function stateBadge({ state, pace, outage, recent }) {
  if (state === 'outage' && outage !== null) {
    return html`<span class="badge outage">outage</span>
      <span class="quiet sub" title=${outage.why}>for ${duration(outage.lastedMs)}</span>`
  }
  if (state === 'failing') {
    return html`<span class="badge outage">failing</span>
      <span class="quiet sub" title="In the last five minutes">${recent.failed} of ${recent.jobs} jobs failed</span>`
  }
  const cooling = state === 'running' && pace.cooldownMs > 0
  return html`<span class="badge ${cooling ? 'cooling' : state}">${cooling ? 'cooldown' : state}</span>
    ${cooling ? html`<span class="quiet sub">${duration(Math.max(1_000, pace.cooldownMs))} left</span>` : nothing}`
}

/** `600 rpm · 200K tpm`, and where the quota comes from. @param {LaneLine} lane */
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
  if (origin === 'override') return changed === null ? 'set by an operator' : `set by ${changed.by}`
  return { file: 'from the lanes file', settings: 'from the settings', default: 'default quota', none: '' }[
    origin
  ]
}

/** `12 s ago`, with the exact time as tooltip. @param {number} atMs @param {number} nowMs */
export function when(atMs, nowMs) {
  return html`<time datetime=${new Date(atMs).toISOString()} title=${exactTime(atMs)}>${ago(atMs, nowMs)}</time>`
}

/** A list of names and values. @param {readonly (readonly [string, unknown])[]} rows @param {'' | 'six'} columns */
export function facts(rows, columns = '') {
  return html`<dl class="facts ${columns}">
    ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`
}
