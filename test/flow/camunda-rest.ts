// Camunda's REST API for tests: the engine's own where it has one (in a container), else what stands in for it.
import { inject } from 'vitest'
import { startLocalServer } from '../secrets/local-server.ts'
import { until } from './quarry-process.ts'

/** Whether it is Camunda's own. */
export const isRealRest = (): boolean => inject('camundaRestUrl') !== ''

export interface ProcessRest {
  readonly url: string
  /** Makes a deployed process readable: what stands in is given its XML, Camunda's own is waited for. */
  show(processDefinitionKey: string, xml: Buffer): Promise<void>
  stop(): Promise<void>
}

/** The part of the API that gives the XML of processes, and answers that it is there. */
export async function startProcessRest(): Promise<ProcessRest> {
  if (isRealRest()) {
    const url = inject('camundaRestUrl')
    const show = (key: string) =>
      until(
        `process ${key} can be read`,
        async () => (await fetch(`${url}/v2/process-definitions/${key}/xml`)).ok,
      )
    return { url, show, stop: async () => undefined }
  }
  const shown = new Map<string, string>()
  const server = await startLocalServer(({ url = '' }) => {
    if (url === '/v2/topology') return { body: '{}' }
    const [, key = ''] = /^\/v2\/process-definitions\/(\d+)\/xml$/.exec(url) ?? []
    const xml = shown.get(key)
    return xml === undefined ? { status: 404, body: '{"title":"NOT_FOUND"}' } : { body: xml }
  })
  return {
    url: server.url,
    async show(key, xml) {
      shown.set(key, xml.toString())
    },
    stop: () => server.stop(),
  }
}

/** Where documents are stored. The Bedrock stand-in has any document, and its content is `DOC`. */
export const documentStoreUrl = (): string => inject('camundaRestUrl') || inject('simUrl')

/** A reference to a document in the store whose content is `DOC`. */
export async function storedDocument(metadata: { contentType: string; fileName: string; size: number }) {
  const reference = {
    'camunda.document.type': 'camunda',
    storeId: 'in-memory',
    documentId: 'd1',
    contentHash: 'h',
  }
  if (!isRealRest()) return { ...reference, metadata }
  const form = new FormData()
  form.set('file', new Blob(['DOC'], { type: metadata.contentType }), metadata.fileName)
  const stored = await fetch(`${documentStoreUrl()}/v2/documents`, { method: 'POST', body: form })
  if (!stored.ok) throw new Error(`Camunda did not store a document: ${stored.status} ${await stored.text()}`)
  return { ...reference, ...((await stored.json()) as Partial<typeof reference>), metadata }
}
