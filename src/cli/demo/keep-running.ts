// `quarry demo --keep`: goes on with further instances, for the dashboard and for diagrams of the user's own.
import type { RunningProcess } from '../../../workers/all-in-one.ts'
import type { ProcessPort } from '../../camunda/process-port.ts'
import { makeService } from '../../time/service.ts'
import { claim } from './claims.ts'
import type { DemoParts } from './demo-parts.ts'

/** Each instance makes two to three calls, of 10 a second that each lane may make. */
const KEPT_PER_SECOND = 2

interface Kept {
  readonly processes: ProcessPort
  readonly bpmnProcessId: string
  readonly quarry: RunningProcess
  readonly parts: DemoParts
  readonly out: NodeJS.WriteStream
}

/** Starts further instances, well within the quotas, so that the dashboard has something to show. Until a signal. */
export async function keepRunning({ processes, bpmnProcessId, quarry, parts, out }: Kept): Promise<void> {
  out.write(
    `\n  Goes on with ${KEPT_PER_SECOND} instances a second. Dashboard: ${quarry.url}. Ctrl-C ends it.\n${otherTerminal(parts)}`,
  )
  quarry.events.on('answered', ({ jobKey, retriesLeft, errorType }) => {
    if (retriesLeft === 0)
      out.write(`  Incident: ${errorType ?? 'a job failed'}. See it by: npx quarry jobs show ${jobKey}\n`)
  })
  let id = 0
  const load = makeService({
    name: 'starting instances of the demo',
    async round() {
      id += 1
      const variables = JSON.stringify({ claim: claim(id) })
      await processes.createInstance({ bpmnProcessId, variables })
      return 1_000 / KEPT_PER_SECOND
    },
    // The dashboard shows that Zeebe is away.
    onFault: () => undefined,
  })
  load.start()
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await load.stop()
}

/** How to reach what the demo started. */
function otherTerminal({ env }: DemoParts): string {
  const names = ['ZEEBE_GRPC_ADDRESS', 'REDIS_URL', 'QUARRY_REDIS_PREFIX']
  const lines = names.map((name) => `    export ${name}=${env[name]}\n`)
  return `  To run diagrams and commands from another terminal:\n\n${lines.join('')}\n`
}
