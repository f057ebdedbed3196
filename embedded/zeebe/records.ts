// Reads the records that the embedded engine's launcher keeps, or the collector of an engine in a container, from its
// loopback endpoint.
import { z } from 'zod'

const engineRecord = z.object({
  position: z.number(),
  valueType: z.enum(['INCIDENT', 'PROCESS_INSTANCE', 'JOB']),
  intent: z.string(),
  key: z.string(),
  /** When it was written, ms since the epoch. */
  timestamp: z.number(),
  value: z.record(z.string(), z.unknown()),
})

const answer = z.object({ records: z.array(engineRecord), position: z.number() })

/**
 * An event of the engine's log. Of process instances only the life of the instance itself and of its boundary events
 * is kept (ELEMENT_ACTIVATED, ELEMENT_COMPLETED, ELEMENT_TERMINATED; `bpmnElementType` tells them apart), of jobs and
 * incidents every event.
 * `value` is the record as the engine wrote it, with 64-bit keys (`processInstanceKey`, …) as strings, and integers of
 * variables that JavaScript would round as bigints.
 */
export type EngineRecord = z.infer<typeof engineRecord>

/** What an engine that was started here has done. It keeps the last 100,000 records, or 128 MB of them. */
export interface EngineRecords {
  /** Where another process can read them: `http://127.0.0.1:port/records`. */
  readonly url: string
  /**
   * The records after `position` (-1 for all), oldest first, at most `limit`.
   * @returns them, and the position to go on from.
   * @throws Error when the engine has ended.
   */
  since(
    position: number,
    options?: {
      valueType?: string
      /** @default 1000 */
      limit?: number
    },
  ): Promise<{ records: EngineRecord[]; position: number }>
}

/** Makes the reader of what serves its records on this port of loopback. */
export function makeEngineRecords(port: number): EngineRecords {
  const url = `http://127.0.0.1:${port}/records`
  return {
    url,
    async since(position, { valueType, limit = 1000 } = {}) {
      const query = new URLSearchParams({ position: String(position), limit: String(limit) })
      if (valueType !== undefined) query.set('valueType', valueType)
      const response = await fetch(`${url}?${query}`)
      if (!response.ok) throw new Error(`The engine answers ${response.status} when asked for its records.`)
      return answer.parse(parseExactly(await response.text()))
    },
  }
}

/** Parses JSON; a 64-bit integer that JavaScript would round becomes a bigint. */
function parseExactly(text: string): unknown {
  const reviver = (_: string, value: unknown, { source = '' }: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{16,19}$/.test(source)
      ? BigInt(source)
      : value
  // Node's source text access is not in TypeScript's library yet.
  return Reflect.apply(JSON.parse, JSON, [text, reviver])
}
