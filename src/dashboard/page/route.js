// Which view is open, by the hash of the page's address.

/** @import { Route } from './page-state.ts' */

/** @param {string} hash @returns {Route} */
export function readRoute(hash) {
  const [, kind = '', name = ''] = /^#\/([a-z]*)(?:\/(.*))?$/.exec(hash) ?? []
  const text = decode(name)
  if (kind === 'lane' && text !== '') return { page: 'lane', name: text }
  if (kind === 'job' && text !== '') return { page: 'job', key: text }
  return { page: 'overview' }
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** @param {string} name */
export const laneHref = (name) => `#/lane/${encodeURIComponent(name)}`
/** @param {string} key */
export const jobHref = (key) => `#/job/${encodeURIComponent(key)}`
