// A Zeebe gateway for tests, over gRPC on loopback, with or without TLS, with jobs as its only content. It keeps the rules that matter to
// a client: leases that run out, long polls, job streams, back-off, NOT_FOUND for what is done, FAILED_PRECONDITION
// for what is failed, the 4 MB limit; and it can be made to fail. It runs no diagrams: a job is put in by hand.
//
//   const gateway = await startFakeGateway()
//   gateway.address                                   grpc://127.0.0.1:<port>
//   const key = gateway.addJob({ type: 'a', variables: { big: '9007199254740993' } })   values are JSON text
//   gateway.job(key)                                  state, retries, lease, worker, what it was told
//   await gateway.ended(key)                          the command that completed it or threw its error
//   gateway.calls                                     every command and activation as it came, with its status
//   gateway.streamCount()                             job streams that are open: a cancelled one takes jobs until it hears so
//   gateway.cancelJob(key)                            as if the instance was cancelled
//   gateway.answerNext(3, { status: 'UNAVAILABLE' })  the next calls, of one method or any, fail so
//   gateway.addJob({ type: 'a', partition: 2 })       a job of another partition
//   gateway.refuse = ({ partition }) => partition === 2 ? { status: 'UNAVAILABLE' } : null
//                                                     commands about jobs fail so, or with 'hang' get no answer
//   gateway.accepts = (header) => header === 'x'      other callers get UNAUTHENTICATED
//   gateway.tenants = ['a']                           others are not ours to ask for
//   gateway.hang() / gateway.resume()                 calls that come meanwhile are never answered
//   await gateway.goAway() / await gateway.comeBack() the connection ends; back on the same port
//   await gateway.stop()
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { loadGatewayService } from '../../src/camunda/gateway-protocol.ts'
import { type JobKey, jobKey, partitionOf } from '../../src/job/ids.ts'
import { type Activation, makeFakeActivations } from './fake-activations.ts'
import { type FakeJob, type FakeJobSpec, makeFakeJobs, Rejection } from './fake-jobs.ts'

/** A call as it came. */
export interface RecordedCall {
  readonly method: string
  readonly request: Readonly<Record<string, unknown>>
  /** The header of that name, if there was one. */
  readonly authorization: string | undefined
  /** `OK` or what it was refused with; for activations what it began with. */
  readonly status: string
}

/** A failure to answer with. */
export interface PlannedFailure {
  readonly status: keyof typeof status
  readonly details?: string
  /** @default any */
  readonly method?: string
}

/** A command about a job. */
export interface JobCommand {
  readonly method: string
  readonly key: JobKey
  readonly partition: number
}

export interface FakeGateway {
  readonly address: string
  readonly calls: readonly RecordedCall[]
  addJob(spec: FakeJobSpec): JobKey
  /** @throws Error when there was no such job. */
  job(key: JobKey): FakeJob
  /** The command that ended the job, once it has. */
  ended(key: JobKey): Promise<Readonly<Record<string, unknown>>>
  streamCount(): number
  cancelJob(key: JobKey): void
  answerNext(count: number, failure: PlannedFailure): void
  /** How a command about a job fails, or that it gets no answer; null if it does not fail. @default null for all */
  refuse: (command: JobCommand) => PlannedFailure | 'hang' | null
  /** Which values of the authorization header are accepted. @default all */
  accepts: (authorization: string | undefined) => boolean
  /** The tenants the client is assigned to; null: all. @default null */
  tenants: readonly string[] | null
  hang(): void
  resume(): void
  goAway(): Promise<void>
  comeBack(): Promise<void>
  stop(): Promise<void>
}

export interface FakeGatewayOptions {
  /** Jobs in one message of an answer to `ActivateJobs`. @default 10 */
  readonly jobsPerMessage?: number
  /** Off for benchmarks, where it would hold every payload. @default true */
  readonly record?: boolean
  /** With an authority, clients need a certificate of it. @default plaintext */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientAuthority?: string }
}

type Message = Record<string, unknown>

const COMMANDS = {
  CompleteJob: 'complete',
  FailJob: 'fail',
  ThrowError: 'throwError',
  UpdateJobTimeout: 'extend',
} as const

/** Starts a gateway on a free port of loopback. */
export async function startFakeGateway(options: FakeGatewayOptions = {}): Promise<FakeGateway> {
  const { jobsPerMessage = 10, record = true, tls } = options
  const calls: RecordedCall[] = []
  const plans: { left: number; failure: PlannedFailure }[] = []
  const jobs = makeFakeJobs()
  const activations = makeFakeActivations(jobs, jobsPerMessage)
  let hanging = false
  let port = 0
  let server: Server | null = null

  /** The failure planned for a call, null to go on, or 'hang'. */
  function admit(method: string, request: Message, metadata: Metadata): Rejection | 'hang' | null {
    const plan = plans.find(({ left, failure }) => left > 0 && (failure.method ?? method) === method)
    if (plan) plan.left -= 1
    const authorization = metadata.get('authorization')[0]?.toString()
    const asked = 'jobKey' in request ? jobKey(String(request['jobKey'])) : null
    const refused =
      asked === null ? null : gateway.refuse({ method, key: asked, partition: partitionOf(asked) })
    const planned = plan?.failure ?? (refused === 'hang' ? null : refused)
    const failure =
      (planned && new Rejection(planned.status, planned.details ?? 'planned by the test')) ??
      (gateway.accepts(authorization)
        ? refusedTenants(request)
        : new Rejection('UNAUTHENTICATED', 'who are you?'))
    if (record) {
      calls.push({ method, request, authorization, status: failure?.status ?? 'OK' })
    }
    return hanging || refused === 'hang' ? 'hang' : (failure ?? null)
  }

  /** In the words of the broker. */
  function refusedTenants({ tenantIds }: Message): Rejection | null {
    const { tenants } = gateway
    if (tenants === null || !Array.isArray(tenantIds) || tenantIds.every((id) => tenants.includes(id)))
      return null
    const asked = `Expected to activate job batch for tenants '[${tenantIds.join(', ')}]'`
    const allowed = `but user is not authorized. Authorized tenants are '[${tenants.join(', ')}]'`
    return new Rejection('PERMISSION_DENIED', `${asked}, ${allowed}`)
  }

  const unary =
    (method: string, answer: (request: Message) => object) =>
    (call: ServerUnaryCall<Message, object>, reply: sendUnaryData<object>) => {
      const refusal = admit(method, call.request, call.metadata)
      if (refusal === 'hang') return
      try {
        if (refusal) throw refusal
        reply(null, answer(call.request))
      } catch (error) {
        if (!(error instanceof Rejection)) throw error
        const last = calls.at(-1)
        if (last) calls[calls.length - 1] = { ...last, status: error.status }
        reply({ code: status[error.status], details: error.details })
      }
    }

  const activating = (method: 'ActivateJobs' | 'StreamActivatedJobs') => (call: Activation) => {
    call.on('error', () => undefined) // A client that went away: `cancelled` tells.
    const admitted = admit(method, { ...call.request }, call.metadata)
    if (admitted === 'hang') return
    const refusal = admitted ?? activations.refusal(call.request)
    if (refusal) {
      call.emit('error', { code: status[refusal.status], details: refusal.details, metadata: new Metadata() })
    } else if (method === 'ActivateJobs') activations.poll(call)
    else activations.stream(call)
  }

  const commands = Object.entries(COMMANDS).map(([method, name]) => [
    method,
    unary(method, (request) => {
      jobs[name](request)
      return {}
    }),
  ])

  async function listen(): Promise<void> {
    const next = new Server()
    next.addService(loadGatewayService(), {
      ...Object.fromEntries(commands),
      ActivateJobs: activating('ActivateJobs'),
      StreamActivatedJobs: activating('StreamActivatedJobs'),
      Topology: unary('Topology', () => ({
        clusterSize: 1,
        partitionsCount: 3,
        replicationFactor: 1,
        gatewayVersion: '8.8.0',
        brokers: [],
      })),
    })
    port = await new Promise<number>((resolve, reject) => {
      next.bindAsync(`127.0.0.1:${port}`, serverCredentials(tls), (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    server = next
  }

  async function goAway(): Promise<void> {
    activations.forget()
    server?.forceShutdown()
    server = null
  }

  const gateway: FakeGateway = {
    address: '',
    refuse: () => null,
    accepts: () => true,
    tenants: null,
    calls,
    addJob: jobs.add,
    job: jobs.get,
    ended: jobs.ended,
    streamCount: activations.streamCount,
    cancelJob: jobs.cancel,
    answerNext(count, failure) {
      plans.push({ left: count, failure })
    },
    hang() {
      hanging = true
    },
    resume() {
      hanging = false
    },
    goAway,
    comeBack: listen,
    async stop() {
      await goAway()
      jobs.stop()
    },
  }
  await listen()
  return Object.assign(gateway, {
    address: tls === undefined ? `grpc://127.0.0.1:${port}` : `grpcs://localhost:${port}`,
  })
}

function serverCredentials(tls: FakeGatewayOptions['tls']): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const pair = { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }
  const { clientAuthority } = tls
  return ServerCredentials.createSsl(
    clientAuthority === undefined ? null : Buffer.from(clientAuthority),
    [pair],
    clientAuthority !== undefined,
  )
}
