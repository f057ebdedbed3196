// Documents: a Camunda document store that has every requested document, and files by URL, with made-up contents, for tests,
// demos and load tests. Pure.
import { createHash, randomUUID } from 'node:crypto'
import type { WireAnswer } from './wire-answer.ts'

const STORE = '/v2/documents/'
const FILES = '/__doc/'
const CONTENT = 'DOC'
/** A store has no document of this id. */
const MISSING = 'missing'
const LARGEST_BYTES = 256 * 1024 * 1024

const TYPES: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gif: 'image/gif',
  html: 'text/html',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  json: 'application/json',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  webp: 'image/webp',
}

/** Whether the path is one of a document. */
export function isDocumentPath(path: string): boolean {
  return path.startsWith(STORE) || path.startsWith(FILES) || isStorePath(path)
}

function isStorePath(path: string): boolean {
  return path === STORE.slice(0, -1)
}

/** Answers `POST /v2/documents` with the metadata of the document, and does not store it. */
export async function answerUpload(body: Buffer, contentType: string): Promise<WireAnswer> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData()
  const [file, about] = [form.get('file'), form.get('metadata')]
  if (!(file instanceof File)) return json(400, { status: 400, title: 'Bad Request', detail: 'No file' })
  const given = about instanceof File ? JSON.parse(await about.text()) : {}
  const contentHash = createHash('sha256')
    .update(await file.bytes())
    .digest('hex')
  return json(201, {
    'camunda.document.type': 'camunda',
    storeId: 'in-memory',
    documentId: randomUUID(),
    contentHash,
    metadata: { contentType: file.type, fileName: file.name, size: file.size, ...given },
  })
}

/**
 * Answers `GET /v2/documents/{id}`, `POST /v2/documents/{id}/links` and `GET /__doc/{name}`. The content is `DOC`,
 * or as many bytes as `?bytes=` asks for.
 */
export function answerDocument(method: string, path: string, origin: string): WireAnswer {
  const { pathname, searchParams } = new URL(path, origin)
  const [name = '', links] = pathname.slice((pathname.startsWith(STORE) ? STORE : FILES).length).split('/')
  if (pathname.startsWith(STORE) && name === MISSING) return missing(pathname)
  if (method === 'POST' && pathname.startsWith(STORE) && links === 'links') {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    return json(201, { url: `${origin}${FILES}${name}`, expiresAt })
  }
  if (method !== 'GET' || links !== undefined) return json(405, { status: 405, title: 'Method Not Allowed' })
  const size = Math.min(Number(searchParams.get('bytes') ?? CONTENT.length), LARGEST_BYTES)
  const contentType =
    TYPES[/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'
  return { status: 200, headers: { 'content-type': contentType }, body: Buffer.alloc(size || 0, CONTENT) }
}

function missing(instance: string): WireAnswer {
  return json(404, {
    type: 'about:blank',
    title: 'io.camunda.document.api.DocumentError$DocumentNotFound',
    status: 404,
    detail: `Document with id '${MISSING}' not found`,
    instance,
  })
}

function json(status: number, value: unknown): WireAnswer {
  const headers = { 'content-type': status < 300 ? 'application/json' : 'application/problem+json' }
  return { status, headers, body: Buffer.from(JSON.stringify(value)) }
}
