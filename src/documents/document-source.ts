// Fetches the documents of jobs. Each execution of a job opens a session, which holds what was fetched for it until it is closed:
// contents are in memory only, and never longer than the job.
import { javaError, RUNTIME } from '../connector/connector-error.ts'
import type { CamundaReference, ExternalReference } from '../connector/documents/document-reference.ts'
import {
  type DocumentContent,
  type DocumentNeed,
  DocumentSupply,
  type Supplied,
} from '../connector/documents/document-supply.ts'
import type { Evaluate } from '../connector/evaluate-mapping.ts'
import type { WorkOwner } from '../job/fair-queue.ts'
import type { Line } from '../job/line.ts'
import { untilAborted } from '../time/bounded-wait.ts'
import type { CamundaDocuments } from './camunda-documents.ts'
import type { Downloader } from './download.ts'
import { MemoryRoom, type Share } from './memory-room.ts'
import type { MayHold } from './read-within.ts'

interface DocumentSourceParts {
  readonly camunda: CamundaDocuments
  readonly downloader: Downloader
  /** FEEL, for getJson. */
  readonly evaluate: Evaluate
  /** Bytes that the documents of one job may have together. */
  readonly maxJobBytes: number
  /** Bytes that all documents of this process may have together. */
  readonly memoryBytes: number
}

/** The documents of one execution of a job. */
export interface DocumentSession {
  readonly supply: DocumentSupply
  /** Adds everything that is needed, or why it could not be had. Rejects only when `signal` is aborted. */
  fulfil(needs: readonly DocumentNeed[], signal: AbortSignal): Promise<void>
  /** What is being fetched now, for a person. Only the hosts: URLs may hold signatures. */
  fetching(): string
  /** Drops all contents. */
  close(): void
}

interface DocumentOwner extends WorkOwner {
  readonly line?: Line
}

export interface DocumentSource {
  /** @param owner - whose expressions are evaluated. */
  open(owner?: DocumentOwner): DocumentSession
  close(): Promise<void>
}

/** Room reserved for a document before its bytes come: the size in its reference cannot be trusted. */
const UNKNOWN_BYTES = 1024 * 1024

/** Documents of one job that are fetched at the same time. */
const AT_A_TIME = 4

export function makeDocumentSource(parts: DocumentSourceParts): DocumentSource {
  const room = new MemoryRoom(parts.memoryBytes)
  return {
    open: (owner) => new Session(parts, room, owner),
    close: () => parts.downloader.close(),
  }
}

type ContentNeed = Extract<DocumentNeed, { kind: 'content' }>

class Session implements DocumentSession {
  readonly supply = new DocumentSupply()
  readonly #parts: DocumentSourceParts
  readonly #room: MemoryRoom
  #share: Share | null = null
  #entering: Promise<Share> | null = null
  readonly #owner: DocumentOwner | undefined
  /** Bytes of the contents in the supply. */
  #held = 0
  /** Bytes reserved for each document on its way. */
  readonly #coming = new Map<DocumentNeed, number>()

  constructor(parts: DocumentSourceParts, room: MemoryRoom, owner?: DocumentOwner) {
    this.#parts = parts
    this.#room = room
    this.#owner = owner
  }

  async fulfil(needs: readonly DocumentNeed[], signal: AbortSignal): Promise<void> {
    const left = needs.values()
    // Documents that must wait for room come one by one: two that wait together would hold what the other needs.
    const late: ContentNeed[] = []
    const next = async (): Promise<void> => {
      for (const need of left) {
        signal.throwIfAborted()
        if (need.kind !== 'content') await this.#other(need, signal)
        else if (!(await this.#atOnce(need, signal))) late.push(need)
      }
    }
    // Wait for all before rejecting: one that goes on would take room for a closed session.
    const ended = await Promise.allSettled(Array.from({ length: Math.min(AT_A_TIME, needs.length) }, next))
    for (const each of ended) if (each.status === 'rejected') throw each.reason
    for (const need of late) this.supply.addContent(need.reference, await this.#fetch(need, signal))
  }

  fetching(): string {
    const hosts = new Set([...this.#coming.keys()].map(hostOf))
    return hosts.size === 0 ? 'room for its documents' : [...hosts].join(', ')
  }

  async #other(need: Exclude<DocumentNeed, ContentNeed>, signal: AbortSignal): Promise<void> {
    this.#coming.set(need, 0)
    try {
      if (need.kind === 'link') {
        const { reference, timeToLiveMs } = need
        this.supply.addValue(need, await this.#parts.camunda.link(reference, timeToLiveMs, signal))
        return
      }
      const evaluated = this.#parts.evaluate(need.expression, need.context, this.#owner)
      const result = await untilAborted(evaluated, signal)
      this.supply.addValue(need, result.ok ? result : failed(result.message))
    } finally {
      this.#coming.delete(need)
    }
  }

  close(): void {
    if (this.#share !== null) this.#room.leave(this.#share)
    this.#share = null
    this.#held = 0
  }

  /** Bytes held and on their way, without this document. */
  #besides(need: DocumentNeed): number {
    const others = [...this.#coming].filter(([other]) => other !== need)
    return this.#held + others.reduce((sum, [, bytes]) => sum + bytes, 0)
  }

  /** Fetches a document if there is room as it comes. @returns false if it has to wait for room. */
  async #atOnce(need: ContentNeed, signal: AbortSignal): Promise<boolean> {
    const share = await this.#reserveFirst(signal)
    const content = await this.#ask(need, share, signal)
    if (content === 'noRoom') return false
    this.supply.addContent(need.reference, content)
    return true
  }

  /** As {@link #atOnce}; without room it drops the content, waits, and fetches again. */
  async #fetch(need: ContentNeed, signal: AbortSignal): Promise<Supplied<DocumentContent>> {
    let wanted = UNKNOWN_BYTES
    for (let times = 1; ; times += 1) {
      const share = await this.#reserve(wanted, signal)
      const left = this.#parts.maxJobBytes - this.#held
      let wanting = 0
      const content = await this.#ask(need, share, signal, (atMost) => {
        wanting = Math.min(atMost, left)
      })
      if (content !== 'noRoom') return content
      // The second time, wait for all that may be needed: a server may announce another size each time.
      wanted = times === 1 ? wanting : left
    }
  }

  /** Fetches once. @param onNoRoom - called with the largest possible size if there is no room. */
  async #ask(
    need: ContentNeed,
    share: Share,
    signal: AbortSignal,
    onNoRoom: (atMost: number) => void = () => undefined,
  ): Promise<Supplied<DocumentContent> | 'noRoom'> {
    let denied: 'tooMuch' | 'noRoom' | null = null
    this.#coming.set(need, 0)
    try {
      const content = await this.#read(need.reference, signal, (atLeast, atMost) => {
        const besides = this.#besides(need)
        if (besides + atLeast > this.#parts.maxJobBytes) denied = 'tooMuch'
        else if (this.#room.tryGrow(share, besides + atLeast)) {
          this.#coming.set(need, atLeast)
          return true
        } else {
          denied = 'noRoom'
          onNoRoom(atMost)
        }
        return false
      })
      if (denied === null && content.ok) this.#held += content.value.bytes.length
      if (denied === 'tooMuch') return failed(tooMuch(this.#parts.maxJobBytes))
      return denied ?? content
    } finally {
      this.#coming.delete(need)
      this.#room.shrink(share, this.#besides(need))
    }
  }

  /** The session's share of the room; the first caller waits for it. */
  #reserveFirst(signal: AbortSignal): Promise<Share> {
    if (this.#share !== null) return Promise.resolve(this.#share)
    this.#entering ??= this.#reserve(UNKNOWN_BYTES, signal).finally(() => {
      this.#entering = null
    })
    return this.#entering
  }

  async #reserve(bytes: number, signal: AbortSignal): Promise<Share> {
    if (this.#share === null) this.#share = await this.#room.enter(bytes, signal)
    else await this.#room.grow(this.#share, this.#held + bytes, signal)
    return this.#share
  }

  #read(
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

function hostOf(need: DocumentNeed): string {
  if (need.kind === 'evaluation') return 'an expression of getJson'
  if (need.reference.kind === 'camunda') return "Camunda's document store"
  return URL.parse(need.reference.url ?? '')?.host ?? 'a URL without a host'
}

function failed(message: string): Supplied<never> {
  return { ok: false, error: javaError(RUNTIME, message) }
}
