// A stand-in for AWS Service Quotas: ListServiceQuotas over AWS JSON 1.1, in pages.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface FakeServiceQuotas {
  readonly url: string
  /** What was asked, in order. */
  readonly asked: {
    readonly target: string
    readonly region: string
    readonly body: Record<string, unknown>
  }[]
}

/** Serves these quotas, one page for each list, or answers every request with `failure`. */
export async function startServiceQuotas(
  pages: readonly (readonly { readonly QuotaName: string; readonly Value: number }[])[],
  failure?: { readonly status: number; readonly type: string; readonly message: string },
): Promise<FakeServiceQuotas> {
  const asked: FakeServiceQuotas['asked'] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body: Record<string, unknown> = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      // The signature's scope names the region.
      const [, region = ''] =
        /Credential=[^/]+\/\d+\/([^/]+)\/servicequotas\//.exec(request.headers.authorization ?? '') ?? []
      asked.push({ target: String(request.headers['x-amz-target']), region, body })
      response.setHeader('content-type', 'application/x-amz-json-1.1')
      if (failure !== undefined) {
        response.statusCode = failure.status
        response.end(JSON.stringify({ __type: failure.type, message: failure.message }))
        return
      }
      const page = Number(body['NextToken'] ?? 0)
      const next = page + 1 < pages.length ? { NextToken: String(page + 1) } : {}
      const Quotas = (pages[page] ?? []).map((quota) => ({ ServiceCode: 'bedrock', ...quota }))
      response.end(JSON.stringify({ Quotas, ...next }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
