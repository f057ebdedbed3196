// Where the documents of jobs come from. Each execution of a job opens a session, which holds what was fetched for
// it and lets go of it when it is closed: contents are in memory only, and never longer than the job.
import { javaError, RUNTIME } from '../connector/connector-error.ts'
import type { CamundaReference, ExternalReference } from '../connector/documents/document-reference.ts'
import {
  type DocumentContent,
  type DocumentNeed,
  DocumentSupply,
  type Supplied,
} from '../connector/documents/document-supply.ts'
import type { Evaluate } from '../connector/evaluate-mapping.ts'
import { numberText } from '../job/json.ts'
import type { CamundaDocuments } from './camunda-documents.ts'
import type { Downloader } from './download.ts'
import { MemoryRoom } from './memory-room.ts'

export interface DocumentSourceParts {
  readonly camunda: CamundaDocuments
  readonly downloader: Downloader
  /** FEEL, for getJson. */
  readonly evaluate: Evaluate
  /** Bytes that one job's documents may have together. */
  readonly maxJobBytes: number
  /** Bytes that all documents of this process may have together. */
  readonly memoryBytes: number
}

/** The documents of one execution of a job. */
export interface DocumentSession {
  readonly supply: DocumentSupply
  /** Adds what is needed, or why it could not be had. Rejects only when `signal` is aborted. */
  fulfil(need: DocumentNeed, signal: AbortSignal): Promise<void>
  /** Lets go of all contents. */
  close(): void
}

export interface DocumentSource {
  open(): DocumentSession
  close(): Promise<void>
}

/** What a document is taken for that does not say how large it is. */
const UNKNOWN_BYTES = 1024 * 1024

export function makeDocumentSource(parts: DocumentSourceParts): DocumentSource {
  const room = new MemoryRoom(parts.memoryBytes)
  return {
    open: () => new Session(parts, room),
    close: () => parts.downloader.close(),
  }
}

class Session implements DocumentSession {
  readonly supply = new DocumentSupply()
  readonly #parts: DocumentSourceParts
  readonly #room: MemoryRoom
  #held = 0

  constructor(parts: DocumentSourceParts, room: MemoryRoom) {
    this.#parts = parts
    this.#room = room
  }

  async fulfil(need: DocumentNeed, signal: AbortSignal): Promise<void> {
    const { camunda, evaluate } = this.#parts
    switch (need.kind) {
      case 'content':
        this.supply.addContent(need.reference, await this.#fetch(need.reference, signal))
        return
      case 'link':
        this.supply.addValue(need, await camunda.link(need.reference, need.timeToLiveMs, signal))
        return
      case 'evaluation': {
        const result = await evaluate(need.expression, need.context)
        this.supply.addValue(need, result.ok ? result : failed(result.message))
      }
    }
  }

  close(): void {
    this.#room.take(-this.#held)
    this.#held = 0
  }

  async #fetch(
    reference: CamundaReference | ExternalReference,
    signal: AbortSignal,
  ): Promise<Supplied<DocumentContent>> {
    const { camunda, downloader, maxJobBytes } = this.#parts
    const announced = sizeOf(reference)
    if (this.#held === 0) await this.#room.enter(announced, signal)
    else this.#room.take(announced)
    this.#held += announced
    const content =
      reference.kind === 'camunda'
        ? await camunda.content(reference, signal)
        : await downloader.download(reference.url ?? '', signal)
    const more = (content.ok ? content.value.bytes.length : 0) - announced
    this.#room.take(more)
    this.#held += more
    if (this.#held <= maxJobBytes) return content
    return failed(
      `The documents of this job are larger than ${maxJobBytes} bytes together: see QUARRY_JOB_DOCUMENTS_MAX_BYTES of the Quarry workers.`,
    )
  }
}

/** What the reference says, within what may be believed of it. */
function sizeOf(reference: CamundaReference | ExternalReference): number {
  const size = reference.kind === 'camunda' ? numberText(reference.metadata?.size ?? null) : null
  return size === null ? UNKNOWN_BYTES : Math.min(Math.max(Number(size), 0), UNKNOWN_BYTES * 64)
}

function failed(message: string): Supplied<never> {
  return { ok: false, error: javaError(RUNTIME, message) }
}
