// vitest's global set-up for the contract and flow projects: the real parts, started once for both.
import type { TestProject } from 'vitest/node'
import { startEngine, startRedis, terminalProgress } from '../embedded/parts.ts'
import { startSim } from '../sim/sim.ts'

declare module 'vitest' {
  interface ProvidedContext {
    zeebeGrpcAddress: string
    /** Camunda's REST API, which an engine in a container has; else empty. */
    camundaRestUrl: string
    /** Empty where the engine was not started here. */
    zeebeRecordsUrl: string
    redisUrl: string
    simUrl: string
    simTlsUrl: string
    simCaFile: string
  }
}

/** Signatures of these keys are verified. */
const KNOWN_KEYS = {
  AKIAENVDEFAULT: 'envsecret',
  AKIATESTKEY: 'testSecretKey',
  AKIAGOLDSECRET: 'gold-secret-value',
}

/** Of the processes' own keys; the keys of diagrams are of another account. */
const ACCOUNTS = { AKIAENVDEFAULT: '111122223333', AKIAOFTHEPROCESS: '111122223333' }

/** Requests that AWS itself refuses: of three recordings, whose server took them, and of tests of unusual inputs. */
const REFUSED_BY_AWS = ['*@history-bad-role', '*@history-missing-role', '*@document-camunda-pdf', 'lenient@*']

async function startAll() {
  const progress = terminalProgress()
  const env = process.env
  const [engine, redis, sim] = await Promise.all([
    startEngine({ env, progress }),
    startRedis({ env, progress }),
    startSim({
      credentials: KNOWN_KEYS,
      otherKeys: true,
      accounts: ACCOUNTS,
      settings: { recordBodies: true, lenient: REFUSED_BY_AWS },
    }),
  ])
  return { engine, redis, sim }
}

// Each project loads this file anew; the parts are one set per vitest process.
const shared = globalThis as { quarryTestParts?: { users: number; parts: ReturnType<typeof startAll> } }

export default async function startParts(project: TestProject): Promise<() => Promise<void>> {
  shared.quarryTestParts ??= { users: 0, parts: startAll() }
  const set = shared.quarryTestParts
  set.users += 1
  const { engine, redis, sim } = await set.parts
  project.provide('zeebeGrpcAddress', engine.grpcAddress)
  project.provide('camundaRestUrl', engine.restAddress ?? '')
  project.provide('zeebeRecordsUrl', engine.records?.url ?? '')
  project.provide('redisUrl', redis.url)
  project.provide('simUrl', sim.url)
  project.provide('simTlsUrl', sim.tlsUrl)
  project.provide('simCaFile', sim.caFile)
  return async () => {
    set.users -= 1
    if (set.users === 0) await Promise.all([engine.stop(), redis.stop(), sim.stop()])
  }
}
