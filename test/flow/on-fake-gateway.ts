// Quarry in this process on a gateway of its own that keeps leases, with the real Redis and the stand-in.
import { afterEach, beforeEach } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { testEnvironment } from './quarry-under-test.ts'

export interface StartedQuarry {
  readonly quarry: RunningProcess
  readonly jobType: string
  readonly env: Readonly<Record<string, string>>
}

export interface OnFakeGateway {
  /** Of the test that runs. */
  readonly gateway: FakeGateway
  /** What is to be stopped when the test has ended, the last first. */
  readonly stops: (() => Promise<unknown>)[]
  start(overrides: Readonly<Record<string, string>>): Promise<StartedQuarry>
}

/** Registers that each test of a file has a gateway. */
export function onFakeGateway(): OnFakeGateway {
  const stops: (() => Promise<unknown>)[] = []
  let gateway: FakeGateway | undefined
  beforeEach(async () => {
    const started = await startFakeGateway()
    gateway = started
    stops.push(() => started.stop())
  })
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
  })
  return {
    get gateway() {
      if (gateway === undefined) throw new Error('No test runs.')
      return gateway
    },
    stops,
    async start(overrides) {
      process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
      process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
      const quick = { QUARRY_SHUTDOWN_GRACE: 'PT1S' }
      const env = testEnvironment({ ZEEBE_GRPC_ADDRESS: this.gateway.address, ...quick, ...overrides })
      const { settings } = loadSettings({ env })
      const quarry = await startRoles(settings)
      stops.push(() => quarry.stop())
      return { quarry, jobType: settings.jobType, env }
    },
  }
}
