// The tests' Zeebe gateway as a process of its own: it provides a hundred thousand jobs faster than an engine creates them, and
// follows the rules of leases.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type FakeGateway, startFakeGateway } from '../../test/camunda/fake-gateway.ts'
import { converseJob } from '../../test/flow/connector-jobs.ts'

export interface AddedJobs {
  readonly type: string
  readonly model: string
  readonly prompt: string
  readonly count: number
}

export interface GatewayCounts {
  readonly completed: number
  /** Jobs that were handed out more than once, except those that Quarry sent back. */
  readonly leasesLost: number
}

export interface GatewayProcess {
  readonly address: string
  add(jobs: AddedJobs): Promise<void>
  counts(): Promise<GatewayCounts>
  stop(): Promise<void>
}

type Request = { readonly add: AddedJobs } | { readonly counts: true }

const JOBS_PER_MESSAGE = 100

export async function startGatewayProcess(): Promise<GatewayProcess> {
  const child = fork(import.meta.filename)
  const [address] = (await once(child, 'message')) as [string]
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    address,
    add: (add) => ask(child, { add }),
    counts: () => ask(child, { counts: true }),
    async stop() {
      process.off('exit', kill)
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** One request at a time. */
async function ask<Answer>(child: ChildProcess, request: Request): Promise<Answer> {
  const answered = once(child, 'message')
  child.send(request)
  const [answer] = (await answered) as [Answer]
  return answer
}

async function serve(): Promise<void> {
  const gateway = await startFakeGateway({ jobsPerMessage: JOBS_PER_MESSAGE, record: false })
  const keys: Parameters<FakeGateway['job']>[0][] = []
  let completed = 0
  const add = ({ type, model, prompt, count }: AddedJobs): void => {
    const job = converseJob(type, model)
    const data = JSON.stringify({ modelId: model, newMessage: prompt })
    for (let left = count; left > 0; left -= 1) {
      const key = gateway.addJob({ ...job, variables: { ...job.variables, data } })
      keys.push(key)
      void gateway.ended(key).then(() => {
        completed += 1
      })
    }
  }
  const counts = (): GatewayCounts => ({
    completed,
    leasesLost: keys.filter((key) => {
      const { activations, errorMessage } = gateway.job(key)
      // A job for which there is no room is sent back with a message.
      return activations > 1 && errorMessage === ''
    }).length,
  })
  process.on('message', (request: Request) => {
    if ('add' in request) add(request.add)
    process.send?.('add' in request ? null : counts())
  })
  process.on('disconnect', () => process.exit())
  process.send?.(gateway.address)
}

if (process.argv[1] === import.meta.filename) await serve()
