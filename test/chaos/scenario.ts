// What every scenario stands on: a stand-in, a fleet and instances of its own, under a job type and a Redis prefix that
// no other has.
import { randomUUID } from 'node:crypto'
import { inject, type TestContext } from 'vitest'
import type { SimSettings } from '../../sim/sim.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { deployInstances, type Instances, type Task } from './instances.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

export interface Scenario {
  readonly standIn: StandIn
  readonly fleet: Fleet
  /** Of its keys in Redis. */
  readonly prefix: string
  readonly jobType: string
  /** Those of the one model that most scenarios call. */
  readonly instances: Instances
  /** Settings of a process of the fleet that signs with this access key. */
  environment(accessKey: string): Record<string, string>
  /** Deploys another diagram of the scenario's job type. */
  deploy(task: Omit<Task, 'jobType'>): Promise<Instances>
}

export interface ScenarioPlan {
  /** How many processes of which roles. */
  readonly places: Readonly<Record<string, number>>
  /** Settings of the processes, or what makes them once the stand-in runs. */
  readonly env?: Readonly<Record<string, string>> | ((standIn: StandIn) => Promise<Record<string, string>>)
  readonly sim?: Partial<SimSettings>
}

/** The end of a test; what was handed over last ends first. Tests that run at once have one each. */
export type TestEnd = Pick<TestContext, 'onTestFinished'>

/** Starts all of it and waits until it is ready; it ends with the test. */
export async function startScenario(test: TestEnd, plan: ScenarioPlan): Promise<Scenario> {
  const id = randomUUID().slice(0, 8)
  const jobType = `chaos:${id}`
  const prefix = `chaos-${id}`
  const standIn = await startStandIn(plan.sim)
  test.onTestFinished(standIn.stop)
  const env = typeof plan.env === 'function' ? await plan.env(standIn) : plan.env
  const environment = (accessKey: string): Record<string, string> => ({
    REDIS_URL: inject('redisUrl'),
    CONNECTOR_AWS_BEDROCK_TYPE: jobType,
    QUARRY_REDIS_PREFIX: prefix,
    ...standIn.environment(accessKey),
    ...env,
  })
  const fleet = await startFleet({ places: plan.places, env: environment })
  test.onTestFinished(async () => void (await fleet.stop()))
  const deploy = async (task: Omit<Task, 'jobType'>): Promise<Instances> => {
    const instances = await deployInstances({ ...task, jobType })
    test.onTestFinished(instances.close)
    return instances
  }
  const instances = await deploy({ model: `nova@${id}` })
  await fleet.ready()
  return { standIn, fleet, prefix, jobType, environment, instances, deploy }
}
