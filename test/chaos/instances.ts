// The instances of one scenario: a diagram with one connector task, started many times, and what the engine says has
// become of each.
import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { type EngineRecord, makeEngineRecords } from '../../embedded/zeebe/records.ts'
import { GatewayError } from '../../src/camunda/gateway-error.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from '../flow/bedrock-process.ts'
import { converseInputs } from '../flow/quarry-under-test.ts'
import { promptOf } from './stand-in.ts'
import { seenWithin } from './wait-for.ts'

export interface Instances {
  /** The model that they call. */
  readonly model: string
  /** Starts `count` of them, some at a time; a few more where a slow engine did not say whether it had started one. */
  start(count: number): Promise<void>
  /** Waits until each has completed or stopped at an incident; false when patience ends before. */
  ended(patienceMs: number): Promise<boolean>
  /** Reads what the engine has done, and counts. */
  count(): Promise<Counted>
  close(): Promise<void>
}

export interface Counted {
  readonly started: number
  readonly completed: number
  readonly incidents: number
  /** Neither completed nor in an incident. */
  readonly open: number
  /** Failures that Zeebe was told. */
  readonly failures: number
  /** Leases that ran out. */
  readonly timeouts: number
}

const AT_ONCE = 8

export interface Task {
  readonly jobType: string
  readonly model: string
  /** @default '3' */
  readonly retries?: string
  /** Inputs of the task besides, or in place of those that it has. */
  readonly inputs?: Readonly<Record<string, string>>
}

/** Deploys the diagram. Zeebe is spoken to directly, whatever becomes of the way that Quarry takes. */
export async function deployInstances(task: Task): Promise<Instances> {
  const { jobType, model, retries = '3' } = task
  const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
  const bpmnProcessId = `p-${randomUUID()}`
  const inputs = converseInputs(model, { 'data.newMessage': '=prompt', ...task.inputs })
  const content = bedrockProcess({ id: bpmnProcessId, jobType, inputs, retries })
  await processes.deploy([{ name: `${bpmnProcessId}.bpmn`, content }])
  const book = makeBook(bpmnProcessId)
  let asked = 0
  const count = async (): Promise<Counted> => {
    const { started, completed, stuck, failures, timeouts } = await book.read()
    const open = started.size - completed.size - stuck.size
    const sizes = { started: started.size, completed: completed.size, incidents: stuck.size }
    return { ...sizes, open, failures, timeouts }
  }
  const startOne = async (): Promise<void> => {
    asked += 1
    const variables = JSON.stringify({ prompt: promptOf(asked) })
    // Whether it was started all the same is in the engine's records.
    await processes.createInstance({ bpmnProcessId, variables }).catch((error: unknown) => {
      if (!(error instanceof GatewayError)) throw error
    })
  }
  return {
    model,
    count,
    async start(wanted) {
      const last = (await count()).started + wanted
      for (let left = wanted; left > 0; left = last - (await count()).started) {
        let unasked = left
        const startSome = async (): Promise<void> => {
          while (unasked-- > 0) await startOne()
        }
        await Promise.all(Array.from({ length: AT_ONCE }, startSome))
      }
    },
    ended: (patienceMs) => seenWithin(patienceMs, async () => (await count()).open === 0),
    close: () => processes.close(),
  }
}

/** What the engine's records say of a process, read on from where the last look ended. */
function makeBook(bpmnProcessId: string) {
  const records = makeEngineRecords(Number(new URL(inject('zeebeRecordsUrl')).port))
  const instances = () => new Set<string>()
  const found = { started: instances(), completed: instances(), stuck: instances(), failures: 0, timeouts: 0 }
  let position = -1
  const note = ({ valueType, intent, value }: EngineRecord): void => {
    if (value['bpmnProcessId'] !== bpmnProcessId) return
    const instance = String(value['processInstanceKey'])
    if (valueType === 'PROCESS_INSTANCE' && intent === 'ELEMENT_ACTIVATED') found.started.add(instance)
    if (valueType === 'PROCESS_INSTANCE' && intent === 'ELEMENT_COMPLETED') found.completed.add(instance)
    if (valueType === 'INCIDENT' && intent === 'CREATED') found.stuck.add(instance)
    if (valueType === 'JOB' && intent === 'FAILED') found.failures += 1
    if (valueType === 'JOB' && intent === 'TIMED_OUT') found.timeouts += 1
  }
  return {
    async read() {
      for (;;) {
        const read = await records.since(position)
        position = read.position
        for (const record of read.records) note(record)
        if (read.records.length === 0) return found
      }
    },
  }
}
