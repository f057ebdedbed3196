// `quarry doctor` against what it looks at: a healthy set-up and broken ones, on the real parts.
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { startSim } from '../../sim/sim.ts'
import { main } from '../../src/cli/quarry.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { type Finished, runQuarry } from '../cli/run-quarry.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

const SECRET = 'secret-that-nobody-may-read'
const KEY = { AWS_ACCESS_KEY_ID: 'AKIADOCTOR', AWS_SECRET_ACCESS_KEY: SECRET }
const CREDENTIALS = { AKIADOCTOR: SECRET }
const NOWHERE = '127.0.0.1:1'
const MINUTE = 60_000

interface Diagnosis {
  readonly code: number
  readonly stdout: string
  readonly findings: readonly Finding[]
}

const found: Record<string, Diagnosis> = {}
/** The command as people run it, on the healthy set-up. */
let asProcess: Finished

/** In this process, with this environment and no other: one of its own takes a second or more. */
async function diagnose(env: Record<string, string>, ...argv: string[]): Promise<Diagnosis> {
  const whole = process.env
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  process.env = { ...env }
  try {
    const code = await main(['doctor', '--json', ...argv])
    const stdout = write.mock.calls.map(([text]) => String(text)).join('')
    return { code, stdout, findings: JSON.parse(stdout).findings }
  } finally {
    process.env = whole
    write.mockRestore()
  }
}

beforeAll(async () => {
  const [sim, late, evicting] = await Promise.all([
    startSim({ credentials: CREDENTIALS }),
    startSim({ credentials: CREDENTIALS, clockAheadMs: 10 * MINUTE }),
    startEmbeddedRedis(await redisSource(), {
      ...QUIETLY,
      args: ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'],
    }),
  ])
  const healthy = {
    ...{
      ZEEBE_GRPC_ADDRESS: inject('zeebeGrpcAddress'),
      REDIS_URL: inject('redisUrl'),
      AWS_REGION: 'eu-west-1',
    },
    ...{ AWS_ENDPOINT_URL_STS: sim.url, AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.url, ...KEY },
    QUARRY_PAYLOAD_KEY: randomBytes(32).toString('base64'),
  }
  const setUps: Record<string, [env: Record<string, string>, ...argv: string[]]> = {
    healthy: [healthy, '--model', 'sim.m-v1:0'],
    policy: [{ ...healthy, REDIS_URL: evicting.url }],
    noRedis: [{ ...healthy, REDIS_URL: `redis://bob:${SECRET}@${NOWHERE}` }],
    noZeebe: [{ ...healthy, ZEEBE_GRPC_ADDRESS: NOWHERE }],
    wrongSecret: [{ ...healthy, AWS_SECRET_ACCESS_KEY: `not-${SECRET}` }, '--model', 'sim.m-v1:0'],
    wrongKey: [{ ...healthy, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' }],
    clock: [{ ...healthy, AWS_ENDPOINT_URL_STS: late.url }],
    settings: [{ ...healthy, QUARRY_PORT: '99999' }],
    ops: [{ ...healthy, ZEEBE_GRPC_ADDRESS: NOWHERE, AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' }, '--roles', 'ops'],
    noModel: [healthy, '--model', 'notfound', '--region', 'us-east-1'],
  }
  asProcess = await runQuarry(['doctor', '--model', 'sim.m-v1:0'], healthy)
  for (const [name, setUp] of Object.entries(setUps)) found[name] = await diagnose(...setUp)
  await Promise.all([sim.stop(), late.stop(), evicting.stop()])
})

function of(name: string): Diagnosis {
  const diagnosis = found[name]
  if (diagnosis === undefined) throw new Error(`No set-up ${name}`)
  return diagnosis
}
const faultsOf = (name: string) => of(name).findings.filter(({ level }) => level === 'fault')

describe('a healthy set-up', () => {
  it('has no fault, and doctor ends with 0 and names every part', () => {
    const { code, findings } = of('healthy')
    expect(faultsOf('healthy')).toEqual([])
    expect(code).toBe(0)
    const told = findings.map(({ check, text }) => `${check}: ${text}`).join('\n')
    for (const part of [
      /^settings: They are understood/m,
      /^redis: Redis \d+\.\d+\.\d+, noeviction, persistence/m,
      /^redis: A round trip to .* takes \d+\.\d ms/m,
      /^zeebe: Gateway \d+\.\d+\.\d+, brokers: 1, partitions: 1\.$/m,
      /^aws: Calls are made as arn:aws:iam::123456789012:user\/AKIADOCTOR of account 123456789012\.$/m,
      /^aws: The clocks of AWS and of this host agree\.$/m,
      /^redis: The clocks of Redis and of this host agree\.$/m,
      /^model: sim\.m-v1:0 in eu-west-1 answers\.$/m,
      /^payloads: Payloads are encrypted/m,
    ])
      expect(told).toMatch(part)
  })
})

it('the doctor command prints the same report as text, and ends with 0', () => {
  expect(asProcess).toMatchObject({ code: 0, stderr: '' })
  expect(asProcess.stdout).toMatch(/^ok +zeebe +Gateway /m)
  expect(asProcess.stdout).toMatch(/\n\nFaults: 0, warnings: \d+\.\n$/)
  expect(asProcess.stdout).not.toContain(SECRET)
})

describe('a broken set-up ends with 1, and its one fault says what to do:', () => {
  it.each([
    ['policy', 'redis', 'has maxmemory-policy allkeys-lru', 'Set maxmemory-policy noeviction there'],
    ['noRedis', 'redis', `Redis does not answer at ${NOWHERE}`, 'Set REDIS_URL'],
    ['noZeebe', 'zeebe', 'nothing listens there (ECONNREFUSED)', 'ZEEBE_GRPC_ADDRESS'],
    [
      'wrongKey',
      'aws',
      'AWS does not know the access key',
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    [
      'settings',
      'settings',
      '"99999" is not a whole number from 0 to 65535',
      'For example: QUARRY_PORT=9400',
    ],
    ['noModel', 'model', 'notfound in us-east-1 cannot be called by this id', 'Check its id and the region'],
  ])('%s', (name, check, what, remedy) => {
    const [first] = faultsOf(name)
    expect(first).toMatchObject({ check, level: 'fault' })
    expect(first?.text).toContain(what)
    expect(first?.text).toContain(remedy)
    expect(of(name).code).toBe(1)
  })

  it('wrong secret, for the identity and the model', () => {
    expect(faultsOf('wrongSecret').map(({ check }) => check)).toEqual(['aws', 'model'])
    expect(of('wrongSecret').code).toBe(1)
    for (const { text } of faultsOf('wrongSecret'))
      expect(text).toContain('AWS_SECRET_ACCESS_KEY is not the secret of this access key, or the clock')
  })

  it('a clock that is off, and the signature that AWS refuses for it', () => {
    const [signature, clock] = faultsOf('clock')
    expect(signature?.text).toContain('or the clock of this host is off')
    expect(clock?.text).toMatch(
      /^The clock of this host is (599|600|601) s behind that of AWS: .* Let NTP set the clock/,
    )
    expect(of('clock').code).toBe(1)
  })

  it('a part that fails, while the others are still checked', () => {
    const checks = new Set(of('noRedis').findings.map(({ check }) => check))
    expect([...checks]).toEqual([
      'settings',
      'files',
      'lanes',
      'security',
      'payloads',
      'redis',
      'zeebe',
      'connector',
      'camunda',
      'bedrock',
      'aws',
      'credentials',
    ])
  })
})

it('doctor skips what the roles do not need', () => {
  expect(of('ops').code).toBe(0)
  expect(new Set(of('ops').findings.map(({ check }) => check))).not.toContain('aws')
})

it('doctor shows no secret', () => {
  for (const { stdout } of Object.values(found)) expect(stdout).not.toContain(SECRET)
})
