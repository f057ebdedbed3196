// Instances of a run: created as planned, and watched through the engine's records.
import type { EngineRecord, EngineRecords } from '../../embedded/parts.ts'
import type { ProcessPort } from '../../src/camunda/process-port.ts'
import type { Question } from './diagram.ts'

/** Instances of one process. */
export interface Load {
  readonly process: string
  readonly count: number
  /** @default as fast as the engine takes them */
  readonly perSecond?: number
  /** @default at the very beginning, before the first call */
  readonly fromSeconds?: number
  readonly question: (index: number) => Question
}

/** An instance as the engine's records have it. */
export interface Instance {
  readonly process: string
  readonly startedAtMs: number
  readonly completedAtMs: number | null
  readonly hasIncident: boolean
}

/** Most creations a second: the engine must also hand out jobs. */
const FASTEST_PER_SECOND = 150
const AT_A_TIME = 16
const AGAIN_MS = 100
const PAGE = 5_000

/** Creates the instances of a load, and retries those that the engine refuses for now. Ends early on an abort. */
export async function createInstances(
  { process, count, perSecond = FASTEST_PER_SECOND, fromSeconds = 0, question }: Load,
  port: Pick<ProcessPort, 'createInstance'>,
  startMs: number,
  signal: AbortSignal,
): Promise<void> {
  const begin = startMs + fromSeconds * 1_000
  let next = 0
  const creator = async (): Promise<void> => {
    for (let index = next++; index < count && !signal.aborted; index = next++) {
      const variables = JSON.stringify(question(index))
      await until(begin + (index * 1_000) / perSecond, signal)
      while (!signal.aborted && !(await tryTo(port.createInstance({ bpmnProcessId: process, variables })))) {
        await until(Date.now() + AGAIN_MS, signal)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count) }, creator))
}

async function tryTo(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}

/** Waits until a moment; an abort ends the wait. */
export async function until(atMs: number, signal: AbortSignal): Promise<void> {
  const ms = atMs - Date.now()
  if (ms <= 0 || signal.aborted) return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

export interface InstanceWatch {
  /** Reads what the engine has written since. */
  read(): Promise<void>
  /** So far. */
  all(): Instance[]
  /** Instances that are neither completed nor stopped at an incident. */
  open(): number
}

type Known = { -readonly [Field in keyof Instance]: Instance[Field] }

/** Watches the instances of these processes that are created from now on. */
export async function watchInstances(
  records: EngineRecords,
  processes: readonly string[],
): Promise<InstanceWatch> {
  const known = new Map<string, Known>()
  const note = ({ valueType, intent, value, timestamp }: EngineRecord): void => {
    const key = String(value['processInstanceKey'])
    const instance = known.get(key)
    if (valueType === 'INCIDENT') {
      if (instance !== undefined && intent === 'CREATED') instance.hasIncident = true
    } else if (value['bpmnElementType'] !== 'PROCESS') return
    else if (instance !== undefined && intent === 'ELEMENT_COMPLETED') instance.completedAtMs = timestamp
    else if (intent === 'ELEMENT_ACTIVATED') {
      const process = String(value['bpmnProcessId'])
      if (!processes.includes(process)) return
      known.set(key, { process, startedAtMs: timestamp, completedAtMs: null, hasIncident: false })
    }
  }
  const read = await readFromNow(records, ['PROCESS_INSTANCE', 'INCIDENT'], note)
  return {
    read,
    all: () => [...known.values()],
    open: () =>
      [...known.values()].filter(({ completedAtMs, hasIncident }) => completedAtMs === null && !hasIncident)
        .length,
  }
}

/** A job as the engine's records have it. */
export interface EngineJob {
  readonly createdAtMs: number
  readonly completedAtMs: number | null
}

export interface JobWatch {
  /** Reads what the engine has written since. */
  read(): Promise<void>
  /** So far. */
  all(): EngineJob[]
}

/** Watches the jobs of a type that are created from now on. */
export async function watchJobs(records: EngineRecords, jobType: string): Promise<JobWatch> {
  const known = new Map<string, EngineJob>()
  const read = await readFromNow(records, ['JOB'], ({ intent, key, value, timestamp }) => {
    if (value['type'] !== jobType) return
    const job = known.get(key)
    if (intent === 'CREATED') known.set(key, { createdAtMs: timestamp, completedAtMs: null })
    if (intent === 'COMPLETED' && job !== undefined) known.set(key, { ...job, completedAtMs: timestamp })
  })
  return { read, all: () => [...known.values()] }
}

/** @returns reads the records of these types that the engine has written since, and notes each. */
async function readFromNow(
  records: EngineRecords,
  types: readonly EngineRecord['valueType'][],
  note: (record: EngineRecord) => void,
): Promise<() => Promise<void>> {
  // No record has this type: the answer only has the end of the log.
  const { position } = await records.since(-1, { valueType: 'NONE' })
  const positions = new Map(types.map((type) => [type, position]))
  return async () => {
    for (const valueType of types) {
      for (let more = true; more; ) {
        const page = await records.since(positions.get(valueType) ?? -1, { valueType, limit: PAGE })
        positions.set(valueType, page.position)
        page.records.forEach(note)
        more = page.records.length === PAGE
      }
    }
  }
}
