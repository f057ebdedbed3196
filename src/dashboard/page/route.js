// Where the page is, by what stands behind the # of its address.

export function readRoute(hash) {
  const [, kind = '', name = ''] = /^#\/([a-z]*)(?:\/(.*))?$/.exec(hash) ?? []
  const text = decode(name)
  if (kind === 'lane' && text !== '') return { page: 'lane', name: text }
  if (kind === 'job' && text !== '') return { page: 'job', key: text }
  return { page: 'overview' }
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

export const laneHref = (name) => `#/lane/${encodeURIComponent(name)}`
export const jobHref = (key) => `#/job/${encodeURIComponent(key)}`
