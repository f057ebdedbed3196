// Common parts of tests of connections to AWS: a trusted authority, one client at a time, and servers that are stopped after each test.
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type AwsHttp, type AwsHttpOptions, makeAwsHttp } from '../../src/aws/aws-http.ts'
import { makeTrust, type Trust } from './servers.ts'

export interface HttpUnderTest {
  /** Set once a test runs. */
  readonly trust: Trust
  /** The client that was made last. */
  readonly http: AwsHttp
  /** Makes the client of a test, which is closed after it. */
  made(options?: AwsHttpOptions): AwsHttp
  /** Waits for a server, which is stopped after the test. */
  up<Part extends { stop(): Promise<void> }>(starting: Promise<Part>): Promise<Part>
}

/** Call it once per test file, outside of tests. */
export function httpUnderTest(): HttpUnderTest {
  let trust: Trust | undefined
  let http: AwsHttp | undefined
  const running: { stop(): Promise<void> }[] = []
  beforeAll(async () => {
    trust = await makeTrust()
  })
  afterAll(() => trust?.remove())
  afterEach(async () => {
    http?.close()
    await Promise.all(running.splice(0).map((server) => server.stop()))
  })
  const known = (): Trust => {
    if (trust === undefined) throw new Error('The authority is there once a test runs.')
    return trust
  }
  return {
    get trust() {
      return known()
    },
    get http() {
      if (http === undefined) throw new Error('The test has made none yet.')
      return http
    },
    made(options = {}) {
      http = makeAwsHttp({ caBundle: known().caBundle, ...options })
      return http
    },
    async up(starting) {
      const part = await starting
      running.push(part)
      return part
    },
  }
}
