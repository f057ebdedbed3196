import { expect, it } from 'vitest'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'

/** What is not to be done any more. */
const aborted = ({ beginning, calling, insisting }: ReturnType<typeof makeWorkerStop>) =>
  Object.entries({ beginning, calling, insisting }).flatMap(([name, signal]) =>
    signal.aborted ? [name] : [],
  )

it.each([
  ['a worker that leaves begins nothing more', 'leave', ['beginning']],
  ['the end of its grace ends all', 'cut', ['beginning', 'calling', 'insisting']],
] as const)('%s', (_title, moment, ended) => {
  const worker = makeWorkerStop()
  const job = worker.ofJob()
  worker[moment]()
  expect(aborted(worker)).toEqual(ended)
  expect(aborted({ ...worker, ...job.stop })).toEqual(ended)
})

it('withdrawing a job ends its own call, stores its outcome all the same, and leaves others running', () => {
  const worker = makeWorkerStop()
  const [withdrawn, other] = [worker.ofJob(), worker.ofJob()]
  withdrawn.withdraw()
  expect(aborted({ ...worker, ...withdrawn.stop })).toEqual(['beginning', 'calling'])
  expect(aborted({ ...worker, ...other.stop })).toEqual([])
  expect(aborted(worker)).toEqual([])
})

it.each([
  ['leaves', 'leave', ['beginning']],
  ['ends its grace', 'cut', ['beginning', 'calling', 'insisting']],
] as const)('a job that a worker takes after it %s is stopped at once', (_title, moment, ended) => {
  const worker = makeWorkerStop()
  worker[moment]()
  expect(aborted({ ...worker, ...worker.ofJob().stop })).toEqual(ended)
})
