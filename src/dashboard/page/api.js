// Calls the API. A problem in its answer becomes an error with the same text.

/**
 * @import { RetryResult } from '../../control/job-control.ts'
 * @import { JobView } from '../../control/job-view.ts'
 * @import { AuditAnswer, JobsAnswer, LaneChanged, LanesAnswer, MeAnswer } from '../answers.ts'
 * @import { Problem } from '../problem.ts'
 * @import { LaneAction } from '../lane-actions.ts'
 * @import { History } from '../lane-history.ts'
 * @import { Figures } from './page-state.ts'
 */

/** Thrown when the API refuses, with its HTTP status, or does not answer, with status 0. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message)
    this.name = 'ApiError'
    this.status = status
  }
}

const UNREACHABLE = 'Quarry does not answer: its ops process or the network is down.'

/** How far the server's clock is ahead of the browser's, ms. */
export let skewMs = 0

/** @param {string} path @param {RequestInit} [options] */
async function ask(path, options) {
  let response
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(20_000) })
  } catch {
    throw new ApiError(0, UNREACHABLE)
  }
  const now = Number(response.headers.get('x-quarry-now'))
  if (now > 0) skewMs = now - Date.now()
  if (response.ok || response.status === 304) return response
  /** @type {Problem | null} */
  const problem = await response.json().catch(() => null)
  throw new ApiError(response.status, problem?.detail ?? `Quarry answered ${response.status}.`)
}

/** @template T @param {string} path @returns {Promise<T>} */
async function read(path) {
  return (await ask(path)).json()
}

/**
 * Reads an answer that seldom changes.
 * @template T
 * @param {string} path
 * @param {string} [tag] - entity tag of the answer that the page has.
 * @returns {Promise<Changed<T>>}
 */
async function readIfChanged(path, tag) {
  /** @type {HeadersInit} */
  const headers = tag === undefined ? {} : { 'if-none-match': tag }
  const response = await ask(path, { headers, cache: 'no-store' })
  const readAtMs = Number(response.headers.get('x-quarry-read-at')) || null
  if (response.status === 304) return { tag, readAtMs }
  return { value: await response.json(), tag: response.headers.get('etag') ?? undefined, readAtMs }
}

/**
 * Has no `value` when the answer is unchanged.
 * @template T
 * @typedef {{ value?: T, tag: string | undefined, readAtMs: number | null }} Changed
 */

/** @template T @param {string} method @param {string} path @param {object} body - the new values. @returns {Promise<T>} */
async function change(method, path, body = {}) {
  const headers = { 'content-type': 'application/json', 'x-quarry-request': 'page' }
  return (await ask(path, { method, headers, body: JSON.stringify(body) })).json()
}

/** @param {string} name */
const lanePath = (name) => `/api/lanes/${encodeURIComponent(name)}`
/** @param {string} key @returns {Promise<JobsAnswer>} */
export const readInstance = (key) => read(`/api/instances/${encodeURIComponent(key)}/jobs`)

/** @param {string} key */
const jobPath = (key) => `/api/jobs/${encodeURIComponent(key)}`

/** @type {() => Promise<MeAnswer>} */
export const readMe = () => read('/api/me')
/** @type {(tag?: string) => Promise<Changed<LanesAnswer>>} */
export const readLanes = (tag) => readIfChanged('/api/lanes', tag)
/** @type {(tag?: string) => Promise<Changed<History>>} */
export const readHistory = (tag) => readIfChanged('/api/history', tag)
/** @type {(tag?: string) => Promise<Changed<AuditAnswer>>} */
export const readAudit = (tag) => readIfChanged('/api/audit', tag)
/** @type {(lane: string) => Promise<JobsAnswer>} */
export const readJobs = (lane) => read(`${lanePath(lane)}/jobs`)
/** @type {(key: string) => Promise<JobView>} */
export const readJob = (key) => read(jobPath(key))
/** @type {(lane: string, action: LaneAction) => Promise<LaneChanged>} */
export const changeLane = (lane, action) => change('POST', `${lanePath(lane)}/${action}`)
/** @type {(lane: string, figures: Figures) => Promise<LaneChanged>} */
export const setPace = (lane, figures) => change('PUT', `${lanePath(lane)}/pace`, figures)
/** @type {(key: string) => Promise<RetryResult>} */
export const retryJob = (key) => change('POST', `${jobPath(key)}/retry`)
