// The way to the API. A problem that it tells becomes an error with its words.

/** Thrown when the API refuses, with its status; or does not answer, with status 0. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message)
    this.name = 'ApiError'
    this.status = status
  }
}

const UNREACHABLE = 'Quarry does not answer: its ops process is away, or the network is.'

/** How far the clock there is ahead of ours, ms. */
export let skewMs = 0

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
  const told = await response.json().catch(() => null)
  throw new ApiError(response.status, told?.detail ?? `Quarry answered ${response.status}.`)
}

/** Reads JSON. */
export async function read(path) {
  return (await ask(path)).json()
}

/**
 * Reads JSON that seldom changes.
 * @param tag - of what is known already, or undefined.
 * @returns `{value, tag, readAtMs}`; without `value` when it is as before.
 */
export async function readIfChanged(path, tag) {
  const headers = tag === undefined ? {} : { 'if-none-match': tag }
  const response = await ask(path, { headers, cache: 'no-store' })
  const readAtMs = Number(response.headers.get('x-quarry-read-at')) || null
  if (response.status === 304) return { tag, readAtMs }
  return { value: await response.json(), tag: response.headers.get('etag') ?? undefined, readAtMs }
}

/** Changes something; `body` is what is to be. */
export async function change(method, path, body = {}) {
  const headers = { 'content-type': 'application/json', 'x-quarry-request': 'page' }
  return (await ask(path, { method, headers, body: JSON.stringify(body) })).json()
}

export const lanePath = (name) => `/api/lanes/${encodeURIComponent(name)}`
export const jobPath = (key) => `/api/jobs/${encodeURIComponent(key)}`
