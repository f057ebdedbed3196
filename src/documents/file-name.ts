// The name of a document that was fetched by URL, from the response headers, as the connector runtime makes it. Pure, except for the
// random name where there is none.
import { randomUUID } from 'node:crypto'
import { parse } from 'content-disposition'

/** A name without a dot gets the subtype of the content type as its extension. */
export function fileNameOf(contentDisposition: string | null, contentType: string | null): string {
  const name = (contentDisposition === null ? '' : dispositionName(contentDisposition)) || randomUUID()
  return name.includes('.') ? name : `${name}${ending(contentType)}`
}

function dispositionName(header: string): string {
  try {
    const { filename } = parse(header).parameters
    if (filename !== undefined) return filename
  } catch {
    // Many servers send names that the grammar forbids; the runtime takes the whole rest then.
  }
  const [, rest = ''] = /filename=(.*)$/s.exec(header) ?? []
  return rest.trim().replace(/^"(.*)"$/s, '$1')
}

/** `image/svg+xml` gives `.svg`. */
function ending(contentType: string | null): string {
  const [, subtype] = /\/([A-Za-z0-9]+)/.exec(contentType ?? '') ?? []
  return subtype === undefined ? '' : `.${subtype.toLowerCase()}`
}
