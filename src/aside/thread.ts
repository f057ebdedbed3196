// What the thread for long work runs: one piece of work after another. It has no connection, no clock and no settings; what it is
// given it forgets with the answer.
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Answer, Question } from './aside.ts'

/** Where all cores are busy, the event loop that everybody's jobs share comes first. */
const LESS_URGENT = 5

// There a thread has a priority of its own; elsewhere that would be the whole process's.
if (process.platform === 'linux') {
  try {
    setPriority(LESS_URGENT)
  } catch {
    // Something keeps threads from being less urgent: the work is done all the same.
  }
}

// What it loads takes some hundred milliseconds, which are as little urgent.
const { JOB_WORK } = await import('./job-work.ts')

parentPort?.on('message', ({ name, given }: Question) => parentPort?.postMessage(answer(name, given)))

function answer(name: Question['name'], given: Question['given']): Answer {
  try {
    const work = JOB_WORK[name] as (...given: readonly unknown[]) => unknown
    return { ok: true, value: work(...given) }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) }
  }
}
