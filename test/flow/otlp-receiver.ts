// A collector for tests: takes spans as OTLP in JSON, over loopback, and keeps them.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A span, and what was said of the process that it is from. */
export interface ReceivedSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resource: Readonly<Record<string, unknown>>
  /** 2: it failed. */
  readonly status: number
  /** ms since the epoch. */
  readonly beganAt: number
  readonly endedAt: number
}

export interface OtlpReceiver {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** Paths and content types that were asked for. */
  readonly requests: readonly { readonly path: string; readonly type: string; readonly key: string }[]
  /** All that came in JSON, as text. */
  text(): string
  close(): void
}

interface Value {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

type Attributes = readonly { readonly key: string; readonly value: Value }[]

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes }
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[]
  }[]
}

interface SentSpan
  extends Omit<ReceivedSpan, 'attributes' | 'resource' | 'status' | 'links' | 'beganAt' | 'endedAt'> {
  readonly attributes: Attributes
  readonly links?: ReceivedSpan['links']
  readonly status: { readonly code?: number }
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const requests: { path: string; type: string; key: string }[] = []
  const texts: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { 'content-type': type = '', 'content-encoding': encoding, 'x-api-key': key } = request.headers
      requests.push({ path: request.url ?? '', type, key: String(key ?? '') })
      const sent = Buffer.concat(chunks)
      if (type.startsWith('application/json')) {
        const text = (encoding === 'gzip' ? gunzipSync(sent) : sent).toString('utf8')
        texts.push(text)
        spans.push(...readSpans(JSON.parse(text)))
      }
      response.writeHead(200, { 'content-type': type }).end(type.startsWith('application/json') ? '{}' : '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    text: () => texts.join('\n'),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function readSpans({ resourceSpans }: Sent): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ attributes, links = [], status, startTimeUnixNano, endTimeUnixNano, ...span }) => ({
        ...span,
        links,
        parentSpanId: span.parentSpanId ?? '',
        attributes: readAttributes(attributes),
        resource: readAttributes(resource.attributes),
        status: status.code ?? 0,
        beganAt: Number(BigInt(startTimeUnixNano) / 1_000_000n),
        endedAt: Number(BigInt(endTimeUnixNano) / 1_000_000n),
      })),
  )
}

function readAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  )
}
