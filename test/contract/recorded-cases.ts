// The recordings of the Java connector (runtime 8.8.7), and which of them are looked at.
import { readFileSync } from 'node:fs'

export interface RecordedCommand {
  readonly rpc: 'CompleteJob' | 'FailJob' | 'ThrowError'
  /** JSON text. */
  readonly variables: string
  /** Of ThrowError. */
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly retries?: number
  /** ms. */
  readonly retryBackOff?: string
}

export interface RecordedCase {
  readonly name: string
  readonly retries: string
  /** Input mappings; a source that begins with `=` is FEEL. */
  readonly inputs: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Error boundary events `b0`, `b1`, …; one without a code catches every error. */
  readonly boundary?: readonly { readonly code?: string }[]
  readonly reachedBoundary?: string
  readonly incident?: { readonly errorType: string; readonly errorMessage: string }
  readonly processVariables?: Readonly<Record<string, unknown>>
  readonly requests: readonly { readonly path: string; readonly body: string }[]
  readonly commands: readonly RecordedCommand[]
  readonly end: 'completed' | 'incident' | 'timeout' | 'until'
}

const file = new URL('./recordings/connector-cases.json', import.meta.url)

export const recordedCases = JSON.parse(readFileSync(file, 'utf8')) as readonly RecordedCase[]

/** Texts that differ from run to run: request ids, attempt counts, Java object addresses, order of violations. */
export function normalised(text: string): string {
  const same = text
    .replaceAll(/Request ID: [0-9a-f-]{36}/g, 'Request ID: …')
    .replaceAll(/SDK Attempt Count: \d+/g, 'SDK Attempt Count: …')
    .replaceAll(/@[0-9a-f]{1,8}\b/g, '@…')
  const [head, ...violations] = same.split('\n - ')
  return [head, ...violations.sort()].join('\n - ')
}
