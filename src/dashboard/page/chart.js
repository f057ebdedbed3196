// The small charts: SVG from samples of the last 15 minutes. Screen readers get one sentence for each chart.

import { duration, figure, plural } from './format.js'
import { html, nothing, svg } from './lit-html/lit-html.js'

/**
 * @import { LaneSeries } from '../lane-history.ts'
 * @import { Point, Samples } from './page-state.ts'
 */

/** Least width of a chart in samples; 15 minutes have 180. */
const LEAST_WIDTH = 60
/** Least height of a chart in jobs: one job more or less must not look like a peak. */
const LEAST_TOP = 10

/** @param {Samples} values */
const widthOf = (values) => Math.max(LEAST_WIDTH, values.length)

/**
 * One point for each sample, the newest at the right edge; a gap where a sample has no value.
 * @param {Samples} values @param {number} height @param {number} top @returns {(Point | null)[]}
 */
function points(values, height, top) {
  const first = widthOf(values) - values.length
  return values.map((value, index) =>
    value === null ? null : [first + index + 0.5, height - (value / top) * (height - 2) - 1],
  )
}

/** @param {readonly (Point | null)[]} all */
function runs(all) {
  const found = []
  /** @type {Point[]} */
  let run = []
  for (const point of [...all, null]) {
    if (point !== null) run.push(point)
    else if (run.length > 0) {
      found.push(run)
      run = []
    }
  }
  return found
}

/** @param {readonly Point[]} run */
const path = (run) => run.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y.toFixed(1)}`).join('')

/** @param {readonly Point[]} run @param {number} height */
function area(run, height) {
  const [first, last] = [run[0], run.at(-1)]
  return first && last ? `${path(run)}L${last[0]} ${height}L${first[0]} ${height}Z` : ''
}

/** @param {Samples} values */
function largest(values) {
  return Math.max(0, ...values.filter((value) => value !== null))
}

/** @param {string} name @param {Samples} values @param {number} everyMs */
function spoken(name, values, everyMs) {
  const known = values.filter((value) => value !== null)
  const now = known.at(-1)
  if (now === undefined) return `${name}: no data yet`
  const span = duration(Math.max(everyMs, (values.length - 1) * everyMs))
  return `${name}, last ${span}: now ${figure(now)}, highest ${figure(largest(known))}, lowest ${figure(Math.min(...known))}`
}

/** @param {Samples} throttles @param {number} height */
function ticks(throttles, height) {
  const first = widthOf(throttles) - throttles.length
  return throttles.map((value, index) =>
    value !== null && value > 0
      ? svg`<line class="tick" x1=${first + index + 0.5} x2=${first + index + 0.5} y1=${height - 5} y2=${height}></line>`
      : nothing,
  )
}

/**
 * A lane's waiting jobs as a line, with its throttles as ticks below.
 * @param {LaneSeries | undefined} series @param {number} everyMs
 */
export function sparkline(series, everyMs) {
  if (series === undefined) return html`<span class="quiet">–</span>`
  const height = 28
  const { waiting, throttles } = series
  const drawn = runs(points(waiting, height, Math.max(LEAST_TOP, largest(waiting))))
  const sum = throttles.reduce((/** @type {number} */ all, value) => all + (value ?? 0), 0)
  const label = `${spoken('Jobs waiting', waiting, everyMs)}; ${plural(sum, 'throttle')}`
  return html`<svg class="spark" viewBox="0 0 ${widthOf(waiting)} ${height}" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${drawn.map((run) => svg`<path class="area" d=${area(run, height)}></path><path class="line" d=${path(run)}></path>`)}
    ${ticks(throttles, height)}
  </svg>`
}

/**
 * One figure of a lane over time, with its highest value beside the title.
 * @param {{ title: string, values: Samples, everyMs: number, bars?: boolean }} what
 */
export function chart({ title, values, everyMs, bars = false }) {
  const height = 72
  const width = widthOf(values)
  const most = largest(values)
  const all = points(values, height, Math.max(1, most))
  const drawing = bars
    ? all.map((point, index) =>
        point === null || values[index] === 0
          ? nothing
          : svg`<line class="bar" x1=${point[0]} x2=${point[0]} y1=${point[1]} y2=${height}></line>`,
      )
    : runs(all).map(
        (run) =>
          svg`<path class="area" d=${area(run, height)}></path><path class="line" d=${path(run)}></path>`,
      )
  return html`<figure class="chart">
    <figcaption><span>${title}</span> <span class="quiet">highest ${figure(most)}</span></figcaption>
    <svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label=${spoken(title, values, everyMs)}>
      <line class="base" x1="0" x2=${width} y1=${height - 0.5} y2=${height - 0.5}></line>
      ${drawing}
    </svg>
    <p class="axis quiet" aria-hidden="true"><span>${duration(width * everyMs)} ago</span><span>now</span></p>
  </figure>`
}

/** Share of a quota that is used. @param {number | null} ratio */
export function usedBar(ratio) {
  if (ratio === null) return html`<span class="quiet">–</span>`
  const width = Math.min(100, Math.max(0, ratio * 100))
  const level = ratio >= 0.95 ? 'full' : ratio >= 0.75 ? 'high' : ''
  return html`<span class="share">
    <svg class="meter ${level}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="room" width="100" height="6" rx="3"></rect><rect class="fill" width=${width} height="6" rx="3"></rect>
    </svg>
    <span>${Math.round(ratio * 100)} %</span>
  </span>`
}
