// The columns of the lane table: what each shows, and how it sorts.

import { sparkline, usedBar } from './chart.js'
import { count, duration, figure } from './format.js'
import { html, nothing } from './lit-html/lit-html.js'
import { laneLabel, quotaText, stateBadge } from './parts.js'

/**
 * @import { LaneLine } from '../lane-line.ts'
 * @import { Column, TableView } from './page-state.ts'
 */

/** @param {number} value */
const number = (value) => (value === 0 ? html`<span class="quiet">0</span>` : count(value))
const ORDER = { outage: 0, failing: 1, paused: 2, draining: 3, running: 4 }

/** Whether a lane has no jobs, and had none for five minutes: else rows would change places every second. @param {LaneLine} lane */
export function isIdle({ state, waiting, active, delayed, recent }) {
  return state === 'running' && waiting + active + delayed + recent.jobs === 0 && recent.callsPerMinute === 0
}

/** @type {readonly Column[]} */
export const COLUMNS = [
  {
    id: 'lane',
    title: 'Lane',
    key: ({ model, region, accountName }) => `${model} ${region} ${accountName}`,
    cell: laneLabel,
  },
  {
    id: 'state',
    title: 'State',
    // Trouble first, then lanes that work, then idle ones.
    key: (lane) => `${ORDER[lane.state]}${lane.pace.cooldownMs > 0 ? 0 : 1}${isIdle(lane) ? 1 : 0}`,
    cell: stateBadge,
  },
  {
    id: 'waiting',
    title: 'Waiting',
    number: true,
    key: ({ waiting }) => waiting,
    cell: ({ waiting }) => number(waiting),
  },
  {
    id: 'active',
    title: 'Active',
    number: true,
    key: ({ active }) => active,
    cell: ({ active }) => number(active),
  },
  {
    id: 'delayed',
    title: 'Delayed',
    number: true,
    key: ({ delayed }) => delayed,
    cell: ({ delayed }) => number(delayed),
  },
  {
    id: 'backlog',
    title: 'Backlog',
    number: true,
    key: ({ backlogMs }) => backlogMs ?? 0,
    cell: ({ backlogMs }) =>
      backlogMs
        ? html`<span title="Time that the waiting and delayed jobs take at the current pace">${duration(Math.max(1_000, backlogMs))}</span>`
        : html`<span class="quiet">–</span>`,
  },
  {
    id: 'oldest',
    title: 'Oldest wait',
    number: true,
    key: ({ oldestWaitMs }) => oldestWaitMs ?? 0,
    cell: ({ oldestWaitMs }) =>
      oldestWaitMs === null ? html`<span class="quiet">–</span>` : duration(oldestWaitMs),
  },
  {
    id: 'pace',
    title: 'Pace, rpm',
    number: true,
    key: ({ pace }) => pace.requestsPerMinute ?? 0,
    cell: ({ pace }) =>
      pace.requestsPerMinute === null
        ? html`<span class="quiet" title="No call was sent yet">–</span>`
        : figure(pace.requestsPerMinute),
  },
  { id: 'quota', title: 'Quota', key: ({ quota }) => quota.requestsPerMinute ?? 0, cell: quotaText },
  {
    id: 'used',
    title: 'Used',
    number: true,
    key: ({ usedRatio }) => usedRatio ?? 0,
    cell: ({ usedRatio }) => usedBar(usedRatio),
  },
  {
    id: 'throttles',
    title: 'Throttles',
    number: true,
    key: ({ throttledLately, pace }) => throttledLately * 1e9 + pace.throttles,
    cell: ({ throttledLately, pace }) =>
      html`<span class=${throttledLately > 0 ? 'warn' : 'quiet'}>${count(throttledLately)} / min</span>
        <span class="quiet sub">${count(pace.throttles)} in total</span>`,
  },
  {
    id: 'history',
    title: 'Waiting, 15 min',
    cell: ({ name }, { history }) =>
      history === null ? nothing : sparkline(history.lanes[name], history.everyMs),
  },
]

/**
 * The lanes that match the filter, sorted as the view asks.
 * @param {readonly LaneLine[]} lanes @param {TableView} view
 */
export function chosenLanes(lanes, { text, state, by, down }) {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const key = COLUMNS.find(({ id }) => id === by)?.key ?? (({ name }) => name)
  const sign = down ? -1 : 1
  return lanes
    .filter((lane) => {
      const about =
        `${lane.account} ${lane.accountName} ${lane.region} ${lane.model} ${lane.state}`.toLowerCase()
      const fits = state === '' || lane.state === state || (state === 'cooldown' && lane.pace.cooldownMs > 0)
      return fits && words.every((word) => about.includes(word))
    })
    .sort((one, other) => {
      const [a, b] = [key(one), key(other)]
      const order =
        typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
      return sign * order || one.name.localeCompare(other.name)
    })
}
