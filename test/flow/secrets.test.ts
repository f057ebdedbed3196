// Connector secrets through the whole flow, in processes as users run them: they reach the model and the diagram, only
// where the task may use them, and neither Redis nor a log nor a metric ever holds one.
import { createHash, randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess, type ConnectorTask } from './bedrock-process.ts'
import { type ProcessRest, startProcessRest } from './camunda-rest.ts'
import { makeLanesFile } from './lanes-file.ts'
import {
  callsOf,
  environment,
  jobTypeOf,
  type QuarryProcess,
  startQuarryProcess,
  until,
} from './quarry-process.ts'
import { converseInputs, hasEnded, recordsUntil } from './quarry-under-test.ts'

const VALUES = {
  ACCESS: 'AKIAGOLDSECRET',
  KEY: 'gold-secret-value',
  PROMPT: 'the-password-of-the-prompt',
  API_KEY: 'ABSKsecret-of-the-task',
  RULE_KEY: 'ABSKsecret-of-the-rule',
  QUOTED: 'it "has" quotes \\ too',
}
const SECRETS = Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [`SECRET_${name}`, value]))
const CREDENTIALS = {
  'authentication.type': 'credentials',
  'authentication.accessKey': '{{secrets.ACCESS}}',
  'authentication.secretKey': 'secrets.KEY',
}
const ECHOED = `Use ${VALUES.PROMPT} and ${VALUES.QUOTED}`

const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
let rest: ProcessRest
let redis: Redis
let env: Record<string, string>
let running: QuarryProcess[] = []

beforeAll(async () => {
  redis = new Redis(inject('redisUrl'))
  redis.on('error', () => undefined)
  rest = await startProcessRest()
})
afterAll(async () => {
  await rest?.stop()
  await processes.close()
  redis?.disconnect()
})
afterEach(() => Promise.all(running.map((one) => one.stop())))

async function start(overrides: Record<string, string> = {}): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env: { ...env, ...overrides } })
  running.push(quarry)
  return quarry
}

function settings(overrides: Record<string, string> = {}): void {
  running = []
  env = environment({ ...SECRETS, ZEEBE_REST_ADDRESS: rest.url, LOG_LEVEL: 'trace', ...overrides })
}

async function deploy(task: Omit<ConnectorTask, 'id' | 'jobType'>): Promise<{ id: string; key: string }> {
  const id = `p-${randomUUID()}`
  const content = bedrockProcess({ ...task, id, jobType: jobTypeOf(env) })
  const [deployed] = await processes.deploy([{ name: `${id}.bpmn`, content }])
  return { id, key: deployed?.processDefinitionKey ?? '' }
}

/** Deploys a process whose XML the REST API gives, and starts an instance. */
async function run(task: Omit<ConnectorTask, 'id' | 'jobType'>, variables: object = {}): Promise<string> {
  const { id, key } = await deploy(task)
  await rest.show(key, bedrockProcess({ ...task, id, jobType: jobTypeOf(env) }))
  const request = { bpmnProcessId: id, variables: JSON.stringify(variables) }
  return (await processes.createInstance(request)).processInstanceKey
}

async function endOf(instance: string): Promise<{ completed: unknown[]; failures: string[] }> {
  const jobs = (await recordsUntil(instance, hasEnded)).filter(({ valueType }) => valueType === 'JOB')
  return {
    completed: jobs.flatMap(({ intent, value }) => (intent === 'COMPLETED' ? [value['variables']] : [])),
    failures: jobs.flatMap(({ intent, value }) =>
      intent === 'FAILED' ? [String(value['errorMessage'])] : [],
    ),
  }
}

/** Everything that Redis holds for this Quarry, as text. */
async function redisContent(): Promise<string> {
  const found: unknown[] = []
  for (const key of await redis.keys(`*${env['QUARRY_REDIS_PREFIX']}*`)) {
    found.push(key, await contentOf(key, await redis.type(key)))
  }
  return found.flat(5).join('\n')
}

function contentOf(key: string, type: string): Promise<unknown> {
  switch (type) {
    case 'string':
      return redis.get(key)
    case 'hash':
      return redis.hgetall(key).then((fields) => Object.entries(fields))
    case 'list':
      return redis.lrange(key, 0, -1)
    case 'set':
      return redis.smembers(key)
    case 'zset':
      return redis.zrange(key, '0', '-1')
    case 'stream':
      return redis.xrange(key, '-', '+')
    default:
      return Promise.resolve('')
  }
}

function expectNoSecret(text: string): void {
  for (const value of Object.values(VALUES)) {
    expect(text.includes(value), `a text holds ${value}`).toBe(false)
    expect(text.includes(JSON.stringify(value).slice(1, -1)), `a text holds ${value} as JSON`).toBe(false)
  }
}

const prompt = 'Use {{secrets.PROMPT}} and secrets.QUOTED'

describe('a secret', () => {
  it('reaches the model and the diagram from the fields that name it, and from no other', async () => {
    settings()
    await start()
    const model = `m@${randomUUID()}`
    const inputs = {
      secretPrompt: '{{secrets.PROMPT}}',
      ...converseInputs(model, CREDENTIALS),
      'data.newMessage': '="Use " + secretPrompt + " for " + user',
    }
    const headers = { resultVariable: 'answer' }
    const user = 'me, {{secrets.KEY}} and {{secrets.PROMPT}} and secrets.UNKNOWN'
    const { completed, failures } = await endOf(await run({ inputs, headers }, { user }))
    expect(failures).toEqual([])
    const said = `Use ${VALUES.PROMPT} for me, {{secrets.KEY}} and ${VALUES.PROMPT} and secrets.UNKNOWN`
    expect(completed).toMatchObject([{ answer: [{ contentList: [{ text: said }] }, { role: 'assistant' }] }])
    const [call] = await callsOf(model)
    expect(JSON.stringify(call)).toContain(VALUES.ACCESS)
  })

  it('is not used if its process cannot be read: STRICT fails the job', async () => {
    settings({ ZEEBE_REST_ADDRESS: `${rest.url}/nothing-here` })
    await start()
    const inputs = converseInputs('m', { 'data.newMessage': prompt })
    const { id, key } = await deploy({ inputs, retries: '1' })
    const started = await processes.createInstance({ bpmnProcessId: id, variables: '{}' })
    const { failures } = await endOf(started.processInstanceKey)
    expect(failures).toEqual([
      expect.stringContaining(
        `Error retrieving secret keys for element 'ask' in process definition key ${key} (`,
      ),
    ])
  })

  it('is not used without a REST address, which gives the task’s mappings: jobs fail, and name the setting', async () => {
    settings()
    delete env['ZEEBE_REST_ADDRESS']
    const quarry = await start()
    const model = `m@${randomUUID()}`
    // Whoever starts an instance, or fills in a form, wrote the reference.
    const { id } = await deploy({
      inputs: converseInputs(model, { 'data.newMessage': '= user' }),
      retries: '1',
    })
    const begin = async (user: string) => {
      const variables = JSON.stringify({ user })
      return endOf((await processes.createInstance({ bpmnProcessId: id, variables })).processInstanceKey)
    }
    const { failures } = await begin('{{secrets.KEY}}, please repeat this')
    expect(failures).toEqual([
      expect.stringMatching(
        /Set ZEEBE_REST_ADDRESS, or \w+_MODE=DISABLED, with which every task may use every secret/,
      ),
    ])
    expect(await callsOf(model)).toEqual([])
    expect((await begin('Hello')).failures).toEqual([])
    expect(await callsOf(model)).toHaveLength(1)
    expect(JSON.parse((await quarry.get('/health')).text)).toMatchObject({ secretFilter: 'STRICT' })
  })

  it('is in no log line, metric or key of Redis, during or after jobs that complete, fail and wait', async () => {
    settings({ QUARRY_COMPATIBILITY: '8.9' })
    const quarry = await start()
    const inputs = (model: string) => converseInputs(model, { ...CREDENTIALS, 'data.newMessage': prompt })
    const task = { headers: { resultVariable: 'answer' }, retries: '1' }
    const waiting = `throttle@${randomUUID()}`
    await run({ ...task, inputs: inputs(waiting) })
    const good = await run({ ...task, inputs: inputs(`m@${randomUUID()}`) })
    const later = await run({ ...task, inputs: inputs(`throttle-2@${randomUUID()}`) })
    const denied = await run({ ...task, inputs: inputs('denied') })
    const wrong = { resultExpression: '= response' }
    const broken = await run({ inputs: inputs('m'), headers: wrong, retries: '1' })

    for (const instance of [good, later]) {
      expect(JSON.stringify((await endOf(instance)).completed)).toContain(JSON.stringify(ECHOED).slice(1, -1))
    }
    expect((await endOf(denied)).failures).toEqual([expect.stringContaining("You don't have access")])
    const { failures } = await endOf(broken)
    expect(failures).toEqual([expect.stringContaining('Use *** and ***')])
    expectNoSecret(failures.join())
    await until('the waiting job was throttled', async () => (await callsOf(waiting)).length > 0)

    const content = await redisContent()
    expect(content).toContain('{{secrets.PROMPT}}')
    expectNoSecret(content)
    expectNoSecret((await quarry.get('/metrics')).text)
    expect(quarry.output()).toContain('call ended')
    expectNoSecret(quarry.output())
  })

  it('may be a Bedrock API key, of a task or of a rule: it signs the call and is nowhere else', async () => {
    const file = await makeLanesFile('credentials: [{ region: us-east-1, apiKey: { env: RULE_KEY } }]\n')
    settings({ QUARRY_LANES_FILE: file.path, RULE_KEY: VALUES.RULE_KEY })
    const quarry = await start()
    await file.remove()
    const ofTask = { 'authentication.type': 'apiKey', 'authentication.apiKey': '{{secrets.API_KEY}}' }
    const ofRule = { 'configuration.region': 'us-east-1' }
    for (const [credentials, key] of [
      [ofTask, VALUES.API_KEY],
      [ofRule, VALUES.RULE_KEY],
    ] as const) {
      const [model, denied] = [`m@${randomUUID()}`, `denied@${randomUUID()}`]
      const headers = { resultVariable: 'answer' }
      const good = await run({ inputs: converseInputs(model, credentials), headers })
      const bad = await run({ inputs: converseInputs(denied, credentials), headers, retries: '1' })
      const ends = [await endOf(good), await endOf(bad)]
      expect(ends.map(({ completed, failures }) => [completed.length, failures.length])).toEqual([
        [1, 0],
        [0, 1],
      ])
      expectNoSecret(JSON.stringify(ends))
      const [call] = await callsOf(model)
      expect(call?.accessKey).toBe(`bearer:${createHash('sha256').update(key).digest('hex').slice(0, 8)}`)
    }
    const content = await redisContent()
    expect(content).toContain('api-key-')
    expectNoSecret(content)
    expectNoSecret((await quarry.get('/metrics')).text)
    expectNoSecret(quarry.output())
  })

  it('is not in Redis while the answer waits to be reported, but is in the result', async () => {
    settings()
    const adapter = await start({ QUARRY_ROLES: 'adapter' })
    const bedrock = await start({ QUARRY_ROLES: 'bedrock' })
    const model = `slow-1500@${randomUUID()}`
    const inputs = converseInputs(model, { ...CREDENTIALS, 'data.newMessage': prompt })
    const instance = await run({ inputs, headers: { resultVariable: 'answer' } })
    await until('the model is called', async () => (await callsOf(model)).length > 0)
    await adapter.stop()
    await bedrock.logged('job answered')

    const content = await redisContent()
    expect(content).toContain('sealed')
    expectNoSecret(content)
    await start({ QUARRY_ROLES: 'adapter' })
    const { completed } = await endOf(instance)
    expect(completed).toMatchObject([
      { answer: [{ contentList: [{ text: ECHOED }] }, { contentList: [{ text: `Echo: ${ECHOED}` }] }] },
    ])
    await until('the report is closed', async () => !(await redisContent()).includes('sealed'))
  })
})
