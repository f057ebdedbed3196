// The recorded cases, each through a process as users run it, real Zeebe, Redis and the AWS SDK (TLS, HTTP/2): what is
// compared is what the stand-in got, what the engine accepted, and how the instance ended. All the while Redis and the
// log are watched for the secrets of the recordings.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { environment, type QuarryProcess, startQuarryProcess } from '../flow/quarry-process.ts'
import { makeProcessesUnderTest, type ProcessesUnderTest } from '../flow/quarry-under-test.ts'
import { type RedisWatch, textsIn, watchRedis } from '../flow/redis-watch.ts'
import { differentByChoice } from './different-by-choice.ts'
import { asRecorded, playCase } from './play-case.ts'
import { recordedCases } from './recorded-cases.ts'

// What differs by choice has a test for each in different-by-choice.ts.
const chosen = new Set(differentByChoice.map(({ name }) => name))
const cases = recordedCases.filter(({ name }) => !chosen.has(name))

/** The secrets of the recorded runtime, in its environment. */
const SECRETS = {
  GOLD_ACCESS: 'AKIAGOLDSECRET',
  GOLD_SECRET: 'gold-secret-value',
  GOLD_TEXT: 'text from secret',
  GOLD_MODEL: 'secret-model',
  GOLD_REGION: 'us-west-2',
  GOLD_JSON: '{"a":1}',
  GOLD_QUOTE: 'he said "hi"',
}
const OWN_KEY = 'envsecret'
/** No recorded case refers to the other two, whose values stand in diagrams as they are. */
const { GOLD_REGION: _region, GOLD_JSON: _json, ...referred } = SECRETS
const resolved = [...Object.values(referred), OWN_KEY]
/** What has to be found for the search to be one. */
const REFERENCES = ['{{secrets.GOLD_ACCESS}}', '{{secrets.GOLD_QUOTE}}', '"sealed":']

let quarry: QuarryProcess
let processes: ProcessesUnderTest
let redis: RedisWatch

beforeAll(async () => {
  redis = await watchRedis(inject('redisUrl'), [...resolved, ...REFERENCES])
  const env = environment({
    ...SECRETS,
    AWS_ACCESS_KEY_ID: 'AKIAENVDEFAULT',
    AWS_SECRET_ACCESS_KEY: OWN_KEY,
    QUARRY_COMPATIBILITY: '8.8',
    // The recorded connector waits for no outage.
    QUARRY_ON_OUTAGE: 'fail',
    ZEEBE_REST_ADDRESS: inject('simUrl'),
    QUARRY_DOCUMENT_ALLOW_HOSTS: new URL(inject('simUrl')).host,
    LOG_LEVEL: 'trace',
  })
  quarry = await startQuarryProcess({ env })
  processes = makeProcessesUnderTest(env)
})
afterAll(async () => {
  await processes?.close()
  await quarry?.stop()
  redis?.stop()
})

describe('Quarry does the same as the recorded connector', () => {
  it('in every recorded case that is not listed as different by choice', () => {
    expect(recordedCases).toHaveLength(152)
    expect(cases.length + chosen.size).toBe(152)
  })

  it.concurrent.each(cases)('$name', async (recorded) => {
    expect(await playCase(processes, recorded)).toEqual(asRecorded(recorded))
  })
})

describe('after the recorded cases', () => {
  it('no secret of the cases is in Redis, the log or a metric', async () => {
    const { text: metrics } = await quarry.get('/metrics')
    await quarry.stop()
    expect([...redis.seen()].sort()).toEqual([...REFERENCES].sort())
    expect(quarry.output()).toContain('call ended')
    expect(textsIn(quarry.output(), resolved)).toEqual([])
    expect(metrics).toContain('quarry_')
    expect(textsIn(metrics, resolved)).toEqual([])
  })
})
