// Instances of a run: created as its plan says, and watched through the engine's records.
import type { EngineRecord, EngineRecords } from '../../embedded/parts.ts'
import type { ProcessPort } from '../../src/camunda/process-port.ts'
import type { Instance, Load } from './scenario.ts'

/** Creations a second at most: the engine has the jobs to hand out, too. */
const FASTEST_PER_SECOND = 150
const AT_A_TIME = 16
const AGAIN_MS = 100
const PAGE = 5_000

/** Creates the instances of a load; those that the engine refuses for now, again. Ends early when it is aborted. */
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

/** Waits for a moment; an abort ends the wait. */
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
  /** Those that can go on by themselves: neither completed nor stopped at an incident. */
  open(): number
}

type Known = { -readonly [Field in keyof Instance]: Instance[Field] }

/** Watches the instances of these processes that are created from now on. */
export async function watchInstances(
  records: EngineRecords,
  processes: readonly string[],
): Promise<InstanceWatch> {
  const known = new Map<string, Known>()
  // No record has this type: the answer is only how far the log goes.
  const { position } = await records.since(-1, { valueType: 'NONE' })
  const positions = { PROCESS_INSTANCE: position, INCIDENT: position }
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
  const readAll = async (valueType: keyof typeof positions): Promise<void> => {
    for (let more = true; more; ) {
      const page = await records.since(positions[valueType], { valueType, limit: PAGE })
      positions[valueType] = page.position
      page.records.forEach(note)
      more = page.records.length === PAGE
    }
  }
  return {
    async read() {
      await readAll('PROCESS_INSTANCE')
      await readAll('INCIDENT')
    },
    all: () => [...known.values()],
    open: () =>
      [...known.values()].filter(({ completedAtMs, hasIncident }) => completedAtMs === null && !hasIncident)
        .length,
  }
}
