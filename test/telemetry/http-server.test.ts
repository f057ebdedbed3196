import { expect, it, onTestFinished } from 'vitest'
import { type HttpServerOptions, startHttpServer } from '../../src/telemetry/http-server.ts'

const CHECK = { up: false, message: 'WRONGPASS at redis.inside:6379' }

async function serve(given: Partial<HttpServerOptions> = {}) {
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, ready: () => false, checks: () => ({ redis: CHECK, zeebe: null }) },
    ...{ metrics: async () => 'm 1', about: () => ({ version: '1' }), ...given },
  })
  onTestFinished(() => server.close())
  return (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers })
}

it('health shows reasons and addresses to this machine only, and up or down to others', async () => {
  const ask = await serve()
  expect(await (await ask('/health')).json()).toEqual({
    ...{ status: 'DOWN', version: '1', checks: { redis: CHECK, zeebe: null } },
  })
  for (const path of ['/health', '/health/ready', '/actuator/health'])
    for (const header of ['x-forwarded-for', 'forwarded', 'via']) {
      const answer = await ask(path, { [header]: 'for=192.0.2.1' })
      expect(answer.status).toBe(503)
      expect(await answer.json()).toEqual({ status: 'DOWN', checks: { redis: { up: false }, zeebe: null } })
    }
})

it('health shows reasons and addresses to all if that is set', async () => {
  const ask = await serve({ healthDetails: 'all' })
  const answer = await ask('/health', { via: '1.1 ingress' })
  expect(await answer.json()).toMatchObject({ version: '1', checks: { redis: CHECK } })
})

it('an internal error goes to the log, not into the response', async () => {
  const faults: unknown[] = []
  const fault = new Error('connect ECONNREFUSED 10.1.2.3:6379')
  const ask = await serve({ metrics: () => Promise.reject(fault), onFault: (error) => faults.push(error) })
  const answer = await ask('/metrics')
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('10.1.2.3')
  expect(faults).toEqual([fault])
})

it('metrics are rendered once for simultaneous requests', async () => {
  let made = 0
  const gate = Promise.withResolvers<string>()
  const ask = await serve({
    metrics: () => {
      made += 1
      return gate.promise
    },
  })
  const answers = Array.from({ length: 10 }, () => ask('/metrics'))
  while (made === 0) await new Promise(setImmediate)
  // By then the others have come, or come while the next are made.
  await new Promise((resolve) => setTimeout(resolve, 200))
  gate.resolve('m 1')
  await Promise.all(answers)
  expect(made).toBeLessThan(10)
})
