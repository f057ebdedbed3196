// Sources of documents for a bedrock role: Camunda's REST API, and URLs. Wiring only.
import type { RestClient } from '../src/camunda/rest-client.ts'
import type { BindOptions } from '../src/connector/bind-request.ts'
import { documentRules } from '../src/connector/documents/document-rules.ts'
import type { Evaluate } from '../src/connector/evaluate-mapping.ts'
import { parseAllowedHost } from '../src/documents/allowed-hosts.ts'
import { makeCamundaDocuments } from '../src/documents/camunda-documents.ts'
import { type DocumentSource, makeDocumentSource } from '../src/documents/document-source.ts'
import { makeDownloader } from '../src/documents/download.ts'
import { makeProxyDispatchers } from '../src/documents/proxy.ts'
import type { Line } from '../src/job/line.ts'
import type { Settings } from '../src/settings/settings.ts'

/**
 * @param rest - the REST API; null if its address is not set.
 * @param evaluate - FEEL, for the function getJson.
 */
export function makeDocuments(
  settings: Settings,
  rest: RestClient | null,
  evaluate: Evaluate,
): DocumentSource {
  const { allowHosts, proxyTrusted, maxBytes, maxJobBytes, memoryBytes, timeoutMs } = settings.documents
  const proxies = makeProxyDispatchers(settings.documentProxy)
  const downloader = makeDownloader({
    allowedHosts: allowHosts.flatMap((entry) => parseAllowedHost(entry) ?? []),
    maxBytes,
    timeoutMs,
    proxy: proxies.dispatcherFor,
    proxyTrusted,
  })
  const camunda = makeCamundaDocuments({ rest, maxBytes, timeoutMs })
  const source = makeDocumentSource({ camunda, downloader, evaluate, maxJobBytes, memoryBytes })
  return {
    ...source,
    async close() {
      await source.close()
      await proxies.close()
    },
  }
}

/** How jobs of a line are bound. */
export function bindOptions(compatibility: Line, { saas, templateV1, documents }: Settings): BindOptions {
  const byDefault = documentRules(compatibility)
  const on = (name: keyof typeof byDefault): boolean =>
    documents[name] === undefined ? byDefault[name] : documents[name] === 'true'
  return {
    compatibility,
    saas,
    templateV1,
    rescueDocuments: documents.rescue === 'true',
    documentRules: {
      typeAliases: on('typeAliases'),
      anyTypeCase: on('anyTypeCase'),
      sanitizeNames: on('sanitizeNames'),
      uniqueNames: on('uniqueNames'),
    },
  }
}
