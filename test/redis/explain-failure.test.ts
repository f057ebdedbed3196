import { describe, expect, it } from 'vitest'
import { explainRedisFailure } from '../../src/redis/explain-failure.ts'

const PLAIN = { tls: null }
const TLS = { tls: {} }

describe('why Redis cannot be entered', () => {
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

  it('leaves what speaks for itself', () => {
    expect(explainRedisFailure('connect ECONNREFUSED 127.0.0.1:1', PLAIN)).toBe(
      'connect ECONNREFUSED 127.0.0.1:1',
    )
    expect(explainRedisFailure('read ECONNRESET', TLS)).toBe('read ECONNRESET')
    expect(explainRedisFailure(null, PLAIN)).toBe('no answer')
  })
})
