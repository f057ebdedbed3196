import { describe, expect, it } from 'vitest'
import { explainRedisFailure, explainRefusal } from '../../src/redis/explain-failure.ts'

const PLAIN = { tls: null }
const TLS = { tls: {} }

describe('the explanation of a failed connection to Redis', () => {
  it.each([
    ['NOAUTH HELLO must be called with the client already authenticated', PLAIN, /set QUARRY_REDIS_PASSWORD/],
    ['WRONGPASS invalid username-password pair', PLAIN, /QUARRY_REDIS_USERNAME.*\(WRONGPASS\)$/],
    [
      'self-signed certificate in certificate chain',
      TLS,
      /QUARRY_REDIS_CA_FILE.*\(self-signed certificate in/,
    ],
    ["Hostname/IP does not match certificate's altnames", TLS, /QUARRY_REDIS_TLS_SERVER_NAME/],
    ['write ECONNRESET', PLAIN, /^write ECONNRESET\. Does it speak TLS there\?.*rediss:/],
    [null, TLS, /^no answer\. Does it speak TLS/],
  ])('%s', (failure, target, text) => {
    expect(explainRedisFailure(failure, target)).toMatch(text)
  })

  it('leaves clear messages unchanged', () => {
    expect(explainRedisFailure('connect ECONNREFUSED 127.0.0.1:1', PLAIN)).toBe(
      'connect ECONNREFUSED 127.0.0.1:1',
    )
    expect(explainRedisFailure('read ECONNRESET', TLS)).toBe('read ECONNRESET')
    expect(explainRedisFailure(null, PLAIN)).toBe('no answer')
  })
})

describe('the explanation of a refused write', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", /^it is full \(maxmemory\).*Raise maxmemory/],
    ['ERR Error running script: @user_script: 3: -READONLY You can’t write', /^it is a replica.*Sentinels/],
    ['MISCONF Redis is configured to save RDB snapshots, but', /^it cannot save to its disk.*its log/],
    ['NOREPLICAS Not enough good replicas to write.', /^it lacks the replicas.*min-replicas-to-write/],
    ['LOADING Redis is loading the dataset in memory', /^it is loading/],
    ['BUSY Redis is busy running a script', /^it takes no changes: BUSY Redis/],
  ])('%s', (refusal, text) => {
    expect(explainRefusal(refusal)).toMatch(text)
  })
})
