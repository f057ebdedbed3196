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
import { MemoryRoom, type Share } from './memory-room.ts'
import type { MayHold } from './read-within.ts'

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
  #share: Share | null = null
  /** Bytes of the contents that are in the supply. */
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
    if (this.#share !== null) this.#room.leave(this.#share)
    this.#share = null
    this.#held = 0
  }

  /** Fetches once where there is room as the content comes; else lets go of it, waits for room, and begins again. */
  async #fetch(
    reference: CamundaReference | ExternalReference,
    signal: AbortSignal,
  ): Promise<Supplied<DocumentContent>> {
    const left = this.#parts.maxJobBytes - this.#held
    let wanted = sizeOf(reference)
    for (let times = 1; ; times += 1) {
      const share = await this.#reserve(wanted, signal)
      const denied: { tooMuch?: true; wanting?: number } = {}
      const content = await this.#ask(reference, signal, (atLeast, atMost) => {
        if (atLeast > left) denied.tooMuch = true
        else if (this.#room.tryGrow(share, this.#held + atLeast)) return true
        else denied.wanting = Math.min(atMost, left)
        return false
      })
      if (content.ok) this.#held += content.value.bytes.length
      this.#room.shrink(share, this.#held)
      if (denied.tooMuch) return failed(tooMuch(this.#parts.maxJobBytes))
      if (denied.wanting === undefined) return content
      // A server that says something else each time is not asked for ever.
      wanted = times === 1 ? denied.wanting : left
    }
  }

  async #reserve(bytes: number, signal: AbortSignal): Promise<Share> {
    if (this.#share === null) this.#share = await this.#room.enter(bytes, signal)
    else await this.#room.grow(this.#share, this.#held + bytes, signal)
    return this.#share
  }

  #ask(
    reference: CamundaReference | ExternalReference,
    signal: AbortSignal,
    mayHold: MayHold,
  ): Promise<Supplied<DocumentContent>> {
    const { camunda, downloader } = this.#parts
    if (reference.kind === 'camunda') return camunda.content(reference, signal, mayHold)
    return downloader.download(reference.url ?? '', signal, mayHold)
  }
}

function tooMuch(maxJobBytes: number): string {
  return `The documents of this job are larger than ${maxJobBytes} bytes together: see QUARRY_JOB_DOCUMENTS_MAX_BYTES of the Quarry workers.`
}

/** What the reference says, within what may be believed of it. */
function sizeOf(reference: CamundaReference | ExternalReference): number {
  const size = reference.kind === 'camunda' ? numberText(reference.metadata?.size ?? null) : null
  return size === null ? UNKNOWN_BYTES : Math.min(Math.max(Number(size), 0), UNKNOWN_BYTES * 64)
}

function failed(message: string): Supplied<never> {
  return { ok: false, error: javaError(RUNTIME, message) }
}
