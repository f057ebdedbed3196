// Which account a call is for, by a stand-in of STS that the real SDK asks.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { accountPseudonym } from '../../src/accounts/account.ts'
import { makeCredentialAccounts } from '../../src/accounts/credential-accounts.ts'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import { makeAccountQuestions } from '../../src/aws/caller-identity.ts'
import { refusesCredential } from '../../src/execute/pace-end.ts'
import type { Credential } from '../../src/job/credential.ts'

const SECRETS = { AKIAOWN: 'own', AKIAALSOOWN: 'own too', AKIAONE: 'one', AKIATWO: 'two' }
let sim: Sim

beforeAll(async () => {
  const own = '111122223333'
  sim = await startSim({ credentials: SECRETS, accounts: { AKIAOWN: own, AKIAALSOOWN: own } })
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAOWN')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'own')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await sim?.stop()
})

interface Asked {
  readonly endpoint?: string
  readonly by?: 'sts' | 'keys'
  readonly patienceMs?: number
  readonly said?: (name: string) => string | null
  /** Regions whose STS never answers. */
  readonly hangs?: (region: string) => boolean
}

function asked({
  endpoint = sim.url,
  by = 'sts',
  patienceMs = 10_000,
  hangs = () => false,
  said = (key) => (key === 'AKIASAID' ? '444455556666' : null),
}: Asked = {}) {
  const questions = makeAccountQuestions({}, { endpoint, refuses: refusesCredential })
  const seen = { asked: 0, away: 0, written: [] as string[][] }
  const clock = { now: 0 }
  const accounts = makeCredentialAccounts({
    ...{ by, patienceMs, now: () => clock.now, stsRegion: (region) => region },
    ask(credential, region) {
      if (credential.kind !== 'chain') seen.asked += 1
      return hangs(region) ? new Promise<never>(() => undefined) : questions.ask(credential, region)
    },
    said,
    store: { write: async (key, account) => void seen.written.push([key, account]) },
    proven: makeProvenCredentials(),
    onAway: () => {
      seen.away += 1
    },
    onFault: () => undefined,
  })
  const of = (accessKey: string, secretKey: string, region = 'us-east-1') =>
    accounts.of({ kind: 'static', accessKey, secretKey }, region)
  return { of, accounts, seen, clock }
}

describe('the account of a call', () => {
  it('is the same for all keys of an AWS account, Quarry’s own credentials included', async () => {
    const { of, accounts, seen } = asked()
    expect(await accounts.of({ kind: 'chain' }, 'us-east-1')).toBe('default')
    expect(await of('AKIAALSOOWN', 'own too')).toBe('default')
    expect(await of('AKIAONE', 'one')).toBe('123456789012')
    expect(await of('AKIATWO', 'two')).toBe('123456789012')
    expect(seen.written).toEqual([
      ['AKIAALSOOWN', 'default'],
      ['AKIAONE', '123456789012'],
      ['AKIATWO', '123456789012'],
    ])
  })

  it('is not asked of AWS for a role of a rule, and for API keys', async () => {
    const { accounts, seen } = asked({
      said: (name) => (name === 'api-key:env SAID' ? '444455556666' : null),
    })
    const role = (id: string): Credential => ({
      ...{ kind: 'role', roleArn: `arn:aws:iam::${id}:role/r`, sessionName: 'quarry', sessionTags: {} },
      ...{ by: { kind: 'chain' }, namedBy: 'rule' },
    })
    const of = (credential: Credential) => accounts.of(credential, 'us-east-1')
    expect(await of(role('999922223333'))).toBe('999922223333')
    expect(await of(role('999922223333'))).toBe('999922223333')
    expect(await of(role('111122223333'))).toBe('default')
    expect(seen.asked).toBe(0)
    expect(seen.written).toEqual([
      ['role:arn:aws:iam::999922223333:role/r', '999922223333'],
      ['role:arn:aws:iam::111122223333:role/r', 'default'],
    ])
    const stored = (env: string, account?: string): Credential => ({
      ...{ kind: 'storedApiKey', from: { env } },
      ...(account === undefined ? {} : { account }),
    })
    expect(await of(stored('SAID'))).toBe('444455556666')
    expect(await of(stored('GIVEN', '555566667777'))).toBe('555566667777')
    const typed = await of({ kind: 'apiKey', apiKey: 'ABSK' })
    expect(typed).toMatch(/^api-key-[0-9a-f]{12}$/)
    expect(await of({ kind: 'apiKey', apiKey: 'ABSK2' })).not.toBe(typed)
    expect(seen).toMatchObject({ asked: 0, away: 0 })
  })

  it('is looked up once for any number of jobs that need it', async () => {
    const { of, seen, clock } = asked()
    await Promise.all(Array.from({ length: 100 }, () => of('AKIAONE', 'one')))
    await of('AKIAONE', 'one')
    expect(seen).toMatchObject({ asked: 1, written: [['AKIAONE', '123456789012']] })
    clock.now = 2 * 3_600_000
    await of('AKIAONE', 'one')
    expect(seen.asked).toBe(2)
  })

  it('is not the owner’s for a key with a wrong secret', async () => {
    const { of, seen } = asked()
    await of('AKIAONE', 'one')
    expect(await of('AKIAONE', 'guessed')).toBe('unproven')
    expect(await of('AKIANOBODY', 'x')).toBe('unproven')
    expect(await of('AKIAONE', 'one')).toBe('123456789012')
    expect(seen.written).toEqual([['AKIAONE', '123456789012']])
  })

  it('falls back to the key or the operator’s mapping when STS does not answer: one warning, no query for each job', async () => {
    const { of, seen, clock } = asked({ endpoint: 'http://127.0.0.1:1' })
    expect(await of('AKIAONE', 'one')).toBe(accountPseudonym('AKIAONE'))
    for (let index = 0; index < 50; index += 1) await of(`AKIA${index}`, 'x')
    expect(await of('AKIASAID', 'x')).toBe('444455556666')
    expect(seen.asked).toBe(1)
    clock.now = 20_000
    await of('AKIAONE', 'one')
    expect(seen.asked).toBe(2)
    // Of the keys of diagrams, and of the process's own.
    expect(seen.away).toBeLessThanOrEqual(2)
  })

  it('is the key or the operator’s mapping when the settings forbid asking AWS', async () => {
    const { of, seen } = asked({ by: 'keys' })
    expect(await of('AKIAONE', 'one')).toBe(accountPseudonym('AKIAONE'))
    expect(await of('AKIASAID', 'x')).toBe('444455556666')
    expect(seen).toEqual({ asked: 0, away: 0, written: [] })
  })

  it('is found though any number of other regions do not answer', async () => {
    const { of, seen } = asked({ hangs: (region) => region !== 'us-east-1' })
    for (let index = 0; index < 200; index += 1) void of(`AKIA${index}`, 'x', `nowhere-${index}`)
    await expect.poll(() => seen.asked).toBe(200)
    expect(await of('AKIAONE', 'one')).toBe('123456789012')
  })

  it('stays known for all keys while one of them is looked up again', async () => {
    let away = false
    const { of, seen, clock } = asked({ hangs: () => away })
    await Promise.all([of('AKIAONE', 'one'), of('AKIATWO', 'two')])
    away = true
    clock.now = 2 * 3_600_000
    expect(await of('AKIAONE', 'one')).toBe('123456789012')
    expect(await of('AKIATWO', 'two')).toBe('123456789012')
    expect(seen.asked).toBe(4)
  })

  it('is found though the process’s own credentials never load', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-account-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
    onTestFinished(() => void vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAOWN'))
    await writeFile(join(folder, 'config'), '[default]\ncredential_process = sleep 20\n')
    const questions = makeAccountQuestions(
      {},
      { endpoint: sim.url, refuses: refusesCredential, limitMs: 100 },
    )
    expect(await questions.ask({ kind: 'chain' }, 'us-east-1')).toMatchObject({
      kind: 'away',
      failure: { name: 'TimeoutError' },
    })
  })

  it('does not hold up jobs when STS is slow', async () => {
    const { of } = asked({ patienceMs: 0 })
    expect(await of('AKIAONE', 'one')).toBe(accountPseudonym('AKIAONE'))
    await expect.poll(() => of('AKIAONE', 'one')).toBe('123456789012')
  })
})
