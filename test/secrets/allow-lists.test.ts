import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeAuthorization } from '../../src/camunda/authorization.ts'
import { makeRestClient, type RestClient } from '../../src/camunda/rest-client.ts'
import type { AllowList } from '../../src/connector/secret-allow-list.ts'
import { referencedPaths } from '../../src/feel/referenced-paths.ts'
import { makeAllowLists } from '../../src/secrets/allow-lists.ts'
import { bedrockProcess } from '../flow/bedrock-process.ts'
import { type Answer, type LocalServer, startLocalServer } from './local-server.ts'

const XML = bedrockProcess({
  id: 'p',
  jobType: 'j',
  inputs: { 'data.newMessage': '{{secrets.A}}' },
}).toString()
/** Whether the task may use secret A in its message, and in another field. */
const allows = async (list: Promise<AllowList>) => {
  const { allows } = await list
  const data = { name: 'data', within: null }
  return ['newMessage', 'modelId'].map((name) => allows({ name: 'A', field: { name, within: data } }))
}
const LIST = [true, false]
let server: LocalServer
let rest: RestClient
let answer: Answer

beforeEach(async () => {
  answer = { body: XML }
  server = await startLocalServer(() => answer)
  rest = makeRestClient({
    address: server.url,
    authorization: makeAuthorization({ strategy: 'BEARER', token: 'abc' }),
  })
})
afterEach(async () => {
  await rest?.close()
  await server?.stop()
})

const asked: number[] = []
const pathsElsewhere = async (expressions: readonly string[]) => {
  asked.push(expressions.length)
  return expressions.map(referencedPaths)
}
const lists = (cacheSize = 10) => makeAllowLists({ rest, compatibility: '8.9', cacheSize, pathsElsewhere })
const task = (processDefinitionKey: string, elementId = 'ask') => ({ processDefinitionKey, elementId })

describe('the allow-list of a task', () => {
  test('comes from the XML of its version of the process', async () => {
    expect(await allows(lists().of(task('2251799813685249')))).toEqual(LIST)
    expect(server.requests).toMatchObject([
      { path: '/v2/process-definitions/2251799813685249/xml', authorization: 'Bearer abc' },
    ])
  })

  test('is empty for an element that maps nothing', async () => {
    expect(await allows(lists().of(task('1', 'start')))).toEqual([false, false])
    expect(await allows(lists().of(task('1', 'nowhere')))).toEqual([false, false])
  })

  test('is fetched once for a process, however many jobs need it at a time', async () => {
    const known = lists()
    await Promise.all(Array.from({ length: 50 }, () => known.of(task('1'))))
    await known.of(task('1', 'start'))
    expect(server.requests).toHaveLength(1)
  })

  test('is cached for the most recently used processes', async () => {
    const known = lists(2)
    for (const key of ['1', '2', '1', '3', '1', '2']) await known.of(task(key))
    expect(server.requests.map(({ path }) => path.split('/')[3])).toEqual(['1', '2', '3', '2'])
  })

  test('is computed in another process if its expressions are long, and only once', async () => {
    const words = `=[${'"some words", '.repeat(300)}a]`
    const inputs = { a: '{{secrets.A}}', 'data.newMessage': words }
    answer = { body: bedrockProcess({ id: 'p', jobType: 'j', inputs }).toString() }
    const known = lists()
    asked.length = 0
    await Promise.all(Array.from({ length: 10 }, () => known.of(task('1'))))
    expect(await allows(known.of(task('1')))).toEqual(LIST)
    expect(asked).toEqual([1])
  })

  test('is fetched each time without a cache', async () => {
    const known = lists(0)
    await known.of(task('1'))
    await known.of(task('1'))
    expect(server.requests).toHaveLength(2)
  })

  test.each([{ status: 404, body: '{"title":"NOT_FOUND"}' }, { body: '<no xml' }])(
    'that cannot be read is fetched again: %j',
    async (wrong) => {
      const known = lists()
      answer = wrong
      await expect(known.of(task('1'))).rejects.toThrow()
      answer = { body: XML }
      expect(await allows(known.of(task('1')))).toEqual(LIST)
    },
  )
})
