// The records of an engine in a container, as its exporter sends them, in the form in which the embedded engine's launcher
// gives them. Pure.

/** What is to be read, as the launcher's endpoint is asked. */
export interface RecordQuery {
  /** Records after this position. */
  readonly position: number
  readonly valueType: string | null
  readonly limit: number
}

export interface RecordLog {
  /** Takes the body of a bulk request: lines of JSON, an action before each record. A record that comes again is known. */
  add(body: string): void
  /** The answer of the launcher's endpoint: the records, and the position to go on from. */
  since(query: RecordQuery): string
}

interface Kept {
  readonly position: number
  readonly valueType: string
  readonly json: string
}

const MAX_RECORDS = 100_000
const LIFE_OF_AN_INSTANCE = ['ELEMENT_ACTIVATED', 'ELEMENT_COMPLETED', 'ELEMENT_TERMINATED']
const SHOWN_ELEMENTS = ['PROCESS', 'BOUNDARY_EVENT']

export function makeRecordLog(): RecordLog {
  // In order of position, as the exporter sends them.
  const kept: Kept[] = []
  let position = -1
  return {
    add(body) {
      for (const line of body.split('\n')) {
        const record = line === '' ? null : parseNumbersAsText(line)
        const at = positionOf(record)
        if (record === null || at <= position) continue
        position = at
        if (isKept(record))
          kept.push({ position, valueType: String(record['valueType']), json: jsonOf(record) })
      }
      kept.splice(0, kept.length - MAX_RECORDS)
    },
    since({ position: after, valueType, limit }) {
      const fit = kept.filter(
        (record) => record.position > after && (valueType === null || record.valueType === valueType),
      )
      const given = fit.slice(0, limit)
      const last = given.at(-1)?.position ?? -1
      const reached = given.length < fit.length ? last : Math.max(after, position)
      return `{"records":[${given.map(({ json }) => json).join(',')}],"position":${reached}}`
    },
  }
}

type Fields = Readonly<Record<string, unknown>>

/** Below all others for a line that is no record. */
function positionOf(record: Fields | null): number {
  const position = record?.['position']
  return isNumber(position) ? Number(position.rawJSON) : -1
}

/** What the launcher keeps: all of jobs and incidents, and the life of instances and their boundary events. */
function isKept({ recordType, valueType, intent, value }: Fields): boolean {
  if (recordType !== 'EVENT') return false
  if (valueType === 'JOB' || valueType === 'INCIDENT') return true
  return (
    valueType === 'PROCESS_INSTANCE' &&
    LIFE_OF_AN_INSTANCE.includes(String(intent)) &&
    SHOWN_ELEMENTS.includes(String((value as Fields)['bpmnElementType']))
  )
}

function jsonOf(record: Fields): string {
  const { position, valueType, intent, key, timestamp, value } = record
  const keysAsText = Object.entries(value as Fields).map(([name, field]) => [
    name,
    name.endsWith('Key') && isNumber(field) ? field.rawJSON : field,
  ])
  return JSON.stringify({
    position,
    valueType,
    intent,
    key: isNumber(key) ? key.rawJSON : key,
    timestamp,
    value: Object.fromEntries(keysAsText),
  })
}

/** A number that is written as it was read: keys, and numbers in variables, exceed what JavaScript holds. */
interface RawNumber {
  readonly rawJSON: string
}

function isNumber(value: unknown): value is RawNumber {
  return Reflect.apply(isRawJson, JSON, [value])
}

function parseNumbersAsText(line: string): Fields {
  const reviver = (_: string, value: unknown, { source = '' }: { source?: string }): unknown =>
    typeof value === 'number' ? Reflect.apply(rawJson, JSON, [source]) : value
  return Reflect.apply(JSON.parse, JSON, [line, reviver])
}

// Node's JSON.rawJSON is not in TypeScript's library yet.
const { rawJSON: rawJson, isRawJSON: isRawJson } = JSON as unknown as {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): boolean
}
