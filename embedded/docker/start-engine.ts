// Camunda in a container, for machines with a Docker daemon. Loads testcontainers only when it is used.
import type { EnginePart, StartOptions } from '../part.ts'
import { makeEngineRecords } from '../zeebe/records.ts'
import { endOf } from './end-container.ts'
import { CAMUNDA_IMAGE, CAMUNDA_PORTS, CAMUNDA_SETTINGS } from './images.ts'
import { startRecordCollector } from './record-collector.ts'

const START_TIMEOUT_MS = 180_000
/** By this name a container reaches a port of this machine that testcontainers exposes to it. */
const THIS_MACHINE = 'host.testcontainers.internal'

/**
 * Zeebe's own exporter for Elasticsearch, pointed at the collector. Of a busy engine it sends 20 records at a time, else
 * what there is after a second.
 */
function exporterSettings(port: number): Record<string, string> {
  const exporter = 'ZEEBE_BROKER_EXPORTERS_RECORDS'
  const unread = ['DEPLOYMENT', 'PROCESS', 'VARIABLE', 'USERTASK'].map((type) => [
    `${exporter}_ARGS_INDEX_${type}`,
    'false',
  ])
  return {
    [`${exporter}_CLASSNAME`]: 'io.camunda.zeebe.exporter.ElasticsearchExporter',
    [`${exporter}_ARGS_URL`]: `http://${THIS_MACHINE}:${port}`,
    [`${exporter}_ARGS_BULK_SIZE`]: '20',
    [`${exporter}_ARGS_BULK_DELAY`]: '1',
    [`${exporter}_ARGS_INDEX_CREATETEMPLATE`]: 'false',
    ...Object.fromEntries(unread),
  }
}

/** Starts the engine in a container, with its REST API. What it does is collected as the embedded engine's records are. */
export async function startDockerEngine({ progress, signal }: StartOptions): Promise<EnginePart> {
  const { GenericContainer, TestContainers, Wait } = await import('testcontainers')
  progress.step(`starting ${CAMUNDA_IMAGE} in Docker …`)
  const collector = await startRecordCollector()
  try {
    await TestContainers.exposeHostPorts(collector.port)
    const { grpc, rest, management } = CAMUNDA_PORTS
    const container = await new GenericContainer(CAMUNDA_IMAGE)
      .withExposedPorts(grpc, rest, management)
      .withEnvironment({ ...CAMUNDA_SETTINGS, ...exporterSettings(collector.port) })
      .withWaitStrategy(Wait.forHttp('/actuator/health/status', management))
      .withStartupTimeout(START_TIMEOUT_MS)
      .start()
    const end = await endOf(container, signal)
    const at = (port: number) => `${container.getHost()}:${container.getMappedPort(port)}`
    progress.done(`Camunda started in Docker: grpc://${at(grpc)}`)
    return {
      origin: 'docker',
      grpcAddress: `grpc://${at(grpc)}`,
      restAddress: `http://${at(rest)}`,
      records: makeEngineRecords(collector.port),
      async stop() {
        await end()
        await collector.stop()
      },
    }
  } catch (error) {
    await collector.stop()
    throw error
  }
}
