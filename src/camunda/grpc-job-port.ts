// The job port over gRPC: turns Zeebe's job commands into calls of the gateway, and nothing else. Must never parse variables, retry a
// command, or report a command as done that the gateway has not acknowledged.
import type { JobKey } from '../job/ids.ts'
import { type GatewayOptions, makeGatewayClient } from './gateway-client.ts'
import { decodeActivatedJob, decodeActivatedJobs, decodeTopology } from './gateway-protocol.ts'
import type { ActivationRequest, JobPort } from './job-port.ts'

/** How long the gateway holds a poll that asks for 0 ms. */
const GATEWAY_DEFAULT_POLL_MS = 10_000

interface JobRequest {
  readonly jobKey: JobKey
  readonly [field: string]: string | number
}

/**
 * Makes the port. It connects with the first call.
 * @throws TypeError when the address is not understood, Error when a certificate file cannot be read.
 */
export function makeGrpcJobPort(options: GatewayOptions): JobPort {
  const client = makeGatewayClient(options)
  const command = async (method: string, request: JobRequest, withinMs?: number): Promise<void> => {
    await client.unary({ method, request, about: `job ${request.jobKey}` }, withinMs)
  }

  return {
    async activate(request, onJob, signal) {
      let came = 0
      const heldMs = request.requestTimeoutMs === 0 ? GATEWAY_DEFAULT_POLL_MS : request.requestTimeoutMs
      try {
        await client.serverStream(
          {
            method: 'ActivateJobs',
            about: `jobs of type ${request.type}`,
            tenantIds: request.tenantIds,
            request: {
              ...activation(request),
              maxJobsToActivate: request.maxJobs,
              requestTimeout: request.requestTimeoutMs,
            },
          },
          { timeoutMs: Math.max(0, heldMs) + client.callTimeoutMs, signal },
          (message) => {
            const jobs = decodeActivatedJobs(message)
            came += jobs.length
            jobs.forEach(onJob)
          },
        )
      } catch (error) {
        // The jobs that came are leased to us; dropped, they would wait until the lease ends.
        if (came === 0) throw error
      }
      return came
    },
    async stream(request, onJob, signal) {
      try {
        await client.serverStream(
          {
            method: 'StreamActivatedJobs',
            about: `jobs of type ${request.type}`,
            tenantIds: request.tenantIds,
            request: activation(request),
          },
          { timeoutMs: null, signal },
          (message) => onJob(decodeActivatedJob(message)),
        )
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    complete: ({ jobKey, variables }) => command('CompleteJob', { jobKey, variables }),
    fail: ({ retryBackoffMs, ...request }) =>
      command('FailJob', { ...request, retryBackOff: retryBackoffMs }),
    throwError: (request) => command('ThrowError', request),
    extend: ({ jobKey, timeoutMs, answerWithinMs }) =>
      command('UpdateJobTimeout', { jobKey, timeout: timeoutMs }, answerWithinMs),
    async topology() {
      return decodeTopology(
        await client.unaryExplained({ method: 'Topology', request: {}, about: 'the cluster' }),
      )
    },
    async close() {
      client.close()
    },
  }
}

function activation(request: ActivationRequest): object {
  return {
    type: request.type,
    worker: request.worker,
    timeout: request.timeoutMs,
    fetchVariable: request.fetchVariables,
    tenantIds: request.tenantIds,
  }
}
