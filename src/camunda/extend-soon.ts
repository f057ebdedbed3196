// Extensions for jobs on their way into a lane or back. A whole batch waits for each, so none waits long for an answer, and none is sent
// to a partition that did not answer the ones before.
import { partitionOf } from '../job/ids.ts'
import { type CommandEnd, commandEnd, type DestinationHealth } from './destination-health.ts'
import { GatewayError } from './gateway-error.ts'
import type { JobPort } from './job-port.ts'

const ANSWER_WITHIN_MS = 2_000

/** @param health - of the partitions, for these extensions alone: they are given up sooner than others. */
export function makeExtendSoon(
  port: Pick<JobPort, 'extend'>,
  health: Pick<DestinationHealth, 'pass' | 'left'>,
): Pick<JobPort, 'extend'> {
  return {
    async extend(command) {
      const partition = partitionOf(command.jobKey)
      const pass = health.pass(partition)
      if (pass === null) {
        const message = `UpdateJobTimeout of job ${command.jobKey} was not sent: partition ${partition} did not take the ones before.`
        throw new GatewayError(message, { disposition: 'later', status: 'UNAVAILABLE' })
      }
      let end: CommandEnd = { kind: 'alone' }
      try {
        await port.extend({ ...command, answerWithinMs: ANSWER_WITHIN_MS })
        end = commandEnd(null)
      } catch (error) {
        end = commandEnd(error)
        throw error
      } finally {
        health.left(pass, end)
      }
    },
  }
}
