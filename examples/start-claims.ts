// An application beside Quarry: deploys claim-triage.bpmn and starts instances of it at a steady rate, until a signal
// ends it. It takes the way to Camunda from the same environment as Quarry.
//
// It runs from a clone, on its Node 24 (`npx node`); run-diagram.mjs is one to copy.
//
//   ZEEBE_GRPC_ADDRESS=grpc://localhost:26500 npx node examples/start-claims.ts --per-minute 60
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { GatewayError } from '../src/camunda/gateway-error.ts'
import { makeGrpcProcessPort } from '../src/camunda/grpc-process-port.ts'
import { claim } from '../src/cli/demo/claims.ts'
import { loadSettings } from '../src/settings/load-settings.ts'
import { gatewayOptions } from '../workers/gateway.ts'

const DIAGRAM = 'claim-triage.bpmn'
const PROCESS_ID = 'claim-triage'
const TRY_AGAIN_MS = 2_000
const SAY_EVERY = 100

const { values } = parseArgs({ options: { 'per-minute': { type: 'string', default: '60' } } })
const perMinute = Number(values['per-minute'])
if (!(perMinute > 0 && perMinute <= 60_000)) {
  throw new RangeError(`--per-minute is ${values['per-minute']}: give a number above 0, 60000 at the most.`)
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort())

const { settings } = loadSettings({ env: process.env })
const processes = makeGrpcProcessPort(gatewayOptions(settings))
const diagram = await readFile(new URL(DIAGRAM, import.meta.url), 'utf8')
const content = Buffer.from(diagram.replaceAll('io.camunda:aws-bedrock:1', settings.jobType))

/** Deploys; a Zeebe that is away or busy is waited for. */
async function deploy(): Promise<void> {
  while (!stopping.signal.aborted) {
    try {
      await processes.deploy([{ name: DIAGRAM, content }])
      console.log(`Deployed ${DIAGRAM}. Starting ${perMinute} instances a minute.`)
      return
    } catch (error) {
      if (!(error instanceof GatewayError) || error.disposition !== 'later') throw error
      console.log(`Trying again: ${error.message}`)
      await pause(TRY_AGAIN_MS)
    }
  }
}

async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
}

await deploy()
let started = 0
for (let id = 1; !stopping.signal.aborted; id += 1) {
  const variables = JSON.stringify({ claim: claim(id) })
  await processes.createInstance({ bpmnProcessId: PROCESS_ID, variables }).then(
    () => {
      started += 1
      if (started % SAY_EVERY === 0) console.log(`${started} instances started.`)
    },
    (error: unknown) => console.log(`An instance was not started, going on: ${String(error)}`),
  )
  await pause(60_000 / perMinute)
}
await processes.close()
