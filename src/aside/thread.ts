// The thread for long work: does one piece after another. It has no connection, no clock and no settings, and keeps nothing after it has
// answered.
import { constants, getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Answer, Question } from './aside.ts'

/** Added to the nice value of the process: if all cores are busy, the event loop that all jobs share comes first. */
const LESS_URGENT = 5

// On Linux a thread has a priority of its own; elsewhere this would change that of the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + LESS_URGENT))
  } catch {
    // Not permitted: the work is done with normal priority.
  }
}

// Loading takes some hundred milliseconds, with the lower priority too.
const { JOB_WORK } = await import('./job-work.ts')

parentPort?.postMessage('ready' satisfies Answer)
parentPort?.on('message', ({ name, given }: Question) => parentPort?.postMessage(answer(name, given)))

function answer(name: Question['name'], given: Question['given']): Answer {
  try {
    const work = JOB_WORK[name] as (...given: readonly unknown[]) => unknown
    return { ok: true, value: work(...given) }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) }
  }
}
