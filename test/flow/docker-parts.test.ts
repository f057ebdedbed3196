// The parts in containers, for whoever has a Docker daemon: a Camunda with its REST API and the records of its engine,
// and a Redis. With QUARRY_PARTS=docker all other tests run on them, too.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findDocker } from '../../embedded/docker/find-docker.ts'
import {
  type EnginePart,
  type RedisPart,
  silentProgress,
  startEngine,
  startRedis,
} from '../../embedded/parts.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { until } from './quarry-process.ts'

const docker = await findDocker()
if (docker !== true) process.stdout.write(`The parts in Docker are not tested: ${docker}.\n`)

describe.skipIf(docker !== true)('parts in Docker', () => {
  let engine: EnginePart
  let redis: RedisPart

  beforeAll(async () => {
    const { ZEEBE_GRPC_ADDRESS, ZEEBE_ADDRESS, REDIS_URL, ...env } = process.env
    const options = { env: { ...env, QUARRY_PARTS: 'docker' }, progress: silentProgress }
    ;[engine, redis] = await Promise.all([startEngine(options), startRedis(options)])
  }, 600_000)
  afterAll(() => Promise.all([engine?.stop(), redis?.stop()]))

  it('include an engine whose instances, records and REST API agree', async () => {
    const processes = makeGrpcProcessPort({ address: engine.grpcAddress })
    const id = `p-${randomUUID()}`
    const content = bedrockProcess({ id, jobType: id, inputs: {} })
    const [deployed] = await processes.deploy([{ name: `${id}.bpmn`, content }])
    const { processInstanceKey } = await processes.createInstance({ bpmnProcessId: id, variables: '{}' })
    await processes.close()
    await until('its job is among the records', async () => {
      const { records = [] } = (await engine.records?.since(-1, { valueType: 'JOB' })) ?? {}
      return records.some(({ value }) => value['processInstanceKey'] === processInstanceKey)
    })
    await until('its XML can be read', async () => {
      const path = `/v2/process-definitions/${deployed?.processDefinitionKey}/xml`
      return (await (await fetch(`${engine.restAddress}${path}`)).text()).includes(id)
    })
  })

  it('include a Redis that does not evict', async () => {
    const client = new Redis(redis.url)
    client.on('error', () => undefined)
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    client.disconnect()
  })
})
