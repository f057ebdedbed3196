import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Aside, AsideError, type AsideOptions, HERE, makeAside } from '../../src/aside/aside.ts'
import { bindAside } from '../../src/aside/bind-aside.ts'
import { copySupply, readBound, readNeeds } from '../../src/aside/copies.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { DocumentSupply } from '../../src/connector/documents/document-supply.ts'
import { laneInputs, laneVariables } from '../../src/connector/lane-inputs.ts'
import { jobKey } from '../../src/job/ids.ts'
import { LARGE_UNITS } from '../../src/job/large-job.ts'
import { type QueuedJob, readQueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'
import { makePayloadCodec, payloadKey } from '../../src/payload/payload-codec.ts'
import { converse, EXTERNAL, invoke, sentMessages } from '../connector/bound-documents.ts'

const owner = { tenantId: 't', bpmnProcessId: 'p' }
const large = { units: LARGE_UNITS, owner }
const options = { compatibility: '8.9' } as const
let aside: Aside
const start = (given?: AsideOptions) => {
  aside = makeAside(given)
  return aside
}
afterEach(() => aside?.close())

/** Numbers that JavaScript would change among them. */
const PAYLOAD = { a: 1.5, list: [1, 'ж', { '': null }], text: 'x'.repeat(100) }
const variables = JSON.stringify(invoke(PAYLOAD)).replace('1.5', '12345678901234567890.50')
const NOTHING = copySupply(new DocumentSupply())

test('a small job is bound on the main thread: its messages are parsed once, and written once as the body', async () => {
  const text = JSON.stringify(
    converse({ messagesHistory: [{ role: 'user', contentList: [{ text: 'of the history' }] }] }),
  )
  const [parse, stringify] = [vi.spyOn(JSON, 'parse'), vi.spyOn(JSON, 'stringify')]
  const supply = new DocumentSupply()
  const small = { units: text.length, owner }
  const binding = await bindAside(start(), small, text, { ...options, supply })
  const counts = [parse.mock.calls.length, stringify.mock.calls.length]
  vi.restoreAllMocks()
  expect(binding).toEqual({ kind: 'bound', bound: bindRequest(text, options) })
  expect(binding).toMatchObject({ bound: { ok: true } })
  expect(counts).toEqual([1, 1])
})

describe('a large job has the same result in the thread as on the main thread', () => {
  test('when it is bound', async () => {
    const result = await start().run('bind', large, variables, options, NOTHING)
    if (result.kind !== 'bound') throw new Error('it needs nothing')
    const here = bindRequest(variables, options)
    if (!here.ok) throw new Error('it is sound')
    expect(readBound(result.bound)).toEqual(here)
  })

  test('when it is refused', async () => {
    const text = '{"data":{}}'
    const result = await start().run('bind', large, text, options, NOTHING)
    expect(result).toMatchObject({ kind: 'bound', bound: bindRequest(text, options) })
  })

  test('when it has documents, whose contents do not come back', async () => {
    const external = { ...EXTERNAL, name: 'a.txt', url: 'https://example.com/a' }
    const referred = converse({
      newDocuments: [external],
      messagesHistory: [{ role: 'user', contentList: [{ text: 'b' }, { document: external }] }],
    })
    const text = JSON.stringify(referred)
    const first = await start().run('bind', large, text, options, NOTHING)
    if (first.kind !== 'needs') throw new Error('it needs a document')
    const supply = new DocumentSupply()
    const bytes = new Uint8Array([1, 2, 3])
    for (const need of readNeeds(first.needs)) {
      if (need.kind !== 'content') throw new Error('it needs a content')
      supply.addContent(need.reference, { ok: true, value: { bytes, fileName: null, contentType: null } })
    }
    const supplied = copySupply(supply)
    const second = await aside.run('bind', large, text, options, supplied)
    if (second.kind !== 'bound') throw new Error('it needs no more')
    const bound = readBound(second.bound)
    expect(bound).toMatchObject(bindRequest(text, { ...options, supply }))
    if (!bound.ok || bound.request.call.action !== 'converse') throw new Error('it is sound')
    const [block] = sentMessages(bound.request.call.body).at(-1)?.content ?? []
    expect(block?.document?.source.bytes).toBe(Buffer.from(bytes).toString('base64'))
  })

  test('when its secrets are found and put in', async () => {
    const text = '{"data":{"a":"{{secrets.A}} secrets.B","b":"secrets.A","n":1.0}}'
    const inputs = [{ target: 'data.a', source: '{{secrets.A}} secrets.B' }]
    const allowed = { inputs, reads: new Map() }
    const values = new Map([['A', 'value']])
    for (const where of [HERE, start()]) {
      expect(await where.run('usesSecrets', large, text, '8.9')).toEqual({ kind: 'read', value: true })
      expect(await where.run('secretNames', large, text, '8.9', { allowed, most: 1 })).toEqual({
        kind: 'read',
        value: { count: 2, names: ['A'] },
      })
      expect(await where.run('withSecrets', large, text, '8.9', { allowed, values })).toEqual({
        kind: 'read',
        value: '{"data":{"a":"value secrets.B","b":"secrets.A","n":1.0}}',
      })
      expect(await where.run('usesSecrets', large, 'secrets.A', '8.9')).toEqual({ kind: 'noJson' })
    }
  })

  test('when its lane is found and it is stored, with and without a payload key', async () => {
    const { region, modelId } = laneInputs(variables, '8.9')
    const inputs = await start().run('laneVariables', large, variables, '8.9')
    expect(inputs).toBe(laneVariables(variables, '8.9'))
    expect(laneInputs(inputs, '8.9')).toMatchObject({ region, modelId })
    const job: QueuedJob = {
      ...{ key: jobKey('1'), epoch: 1, processInstanceKey: '2', processDefinitionKey: '3', elementId: 'e' },
      ...{ ...owner, retries: 3, customHeaders: '{}', variables },
    }
    for (const keys of [[], [payloadKey('ab'.repeat(32))]]) {
      const codec = makePayloadCodec(keys, { installation: 'i' })
      const text = await aside.run('pack', large, job, 'z-1-1', { codec: codec.plan(), rescue: false })
      expect(readQueuedJob(codec.decode(text, 'z-1-1'))).toEqual(job)
      expect(await aside.run('unpack', large, text, 'z-1-1', codec.plan())).toEqual({ kind: 'job', job })
      const outcome = await aside.run('packOutcome', large, 'text', 'z-1-1', codec.plan())
      expect(codec.decode(outcome, 'z-1-1', 'outcome')).toBe('text')
      if (keys.length > 0) expect(() => makePayloadCodec(keys).decode(text, 'z-1-1')).toThrow('changed')
    }
  })
})

test('reading a damaged job in the thread gives the reason; a job in an old format is left to the main thread, which reports it', async () => {
  const key = payloadKey('ab'.repeat(32))
  const plan = makePayloadCodec([key]).plan()
  start()
  const plain = makePayloadCodec().encode('[]', 'z-1-1')
  expect(await aside.run('unpack', large, plain, 'z-1-1', plan)).toMatchObject({ code: 'plaintext' })
  const strange = makePayloadCodec([payloadKey('cd'.repeat(32))])
  const sealed = strange.encode('[]', 'z-1-1')
  expect(await aside.run('unpack', large, sealed, 'z-1-1', plan)).toMatchObject({
    kind: 'refused',
    code: 'unknownKey',
    keyId: strange.keyIds[0],
  })
  const job = writeQueuedJob({ key: jobKey('1'), epoch: 1, ...owner } as QueuedJob)
  const old = makePayloadCodec([key], { oldFormat: 'write' }).encode(job, 'z-1-1')
  expect(await aside.run('unpack', large, old, 'z-1-1', plan)).toEqual({ kind: 'notThere' })
})

test('an exception in the thread rejects its call, and the next call is served', async () => {
  start()
  await expect(aside.run('pack', large, null as never, '', null as never)).rejects.toThrow()
  expect(await aside.run('laneVariables', large, '{}', '8.9')).toBe(laneVariables('{}', '8.9'))
})

test('work beyond its memory or time limit ends only its thread, and the next call is served', async () => {
  start({ limits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 } })
  const many = `{"data":{"payload":[${Array.from({ length: 150_000 }, () => '{"a":1}').join(',')}]}}`
  await expect(aside.run('laneVariables', large, many, '8.9')).rejects.toThrow(AsideError)
  await aside.close()
  start({ longestMs: 1 })
  await expect(aside.run('laneVariables', large, many, '8.9')).rejects.toThrow(AsideError)
})

test('tenants take turns in the thread', async () => {
  start()
  const order: string[] = []
  const ask = async (tenantId: string): Promise<void> => {
    await aside.run('laneVariables', { units: LARGE_UNITS, owner: { ...owner, tenantId } }, '{}', '8.9')
    order.push(tenantId)
  }
  await Promise.all(['a', 'a', 'a', 'b'].map(ask))
  expect(order.indexOf('b')).toBeLessThan(3)
})

test('close rejects calls that are still waiting for the thread', async () => {
  start()
  const asked = [1, 2, 3].map(() => aside.run('laneVariables', large, '{}', '8.9'))
  const ended = Promise.allSettled(asked)
  await aside.close()
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await expect(aside.run('laneVariables', large, '{}', '8.9')).rejects.toThrow('stops')
})

/** Starts a thread, and writes the lowest and the highest nice value of this process's threads. */
const NICE_VALUES = `
import { readdirSync, readFileSync } from 'node:fs'
import { makeAside } from './src/aside/aside.ts'
const aside = makeAside({ largeUnits: 0 })
await aside.run('usesSecrets', { units: 1, owner: { tenantId: 't', bpmnProcessId: 'p' } }, '{}', '8.9')
const niceOf = (id) => Number(readFileSync('/proc/self/task/' + id + '/stat', 'utf8').replace(/.*[)] /, '').split(' ')[16])
const all = readdirSync('/proc/self/task').map(niceOf)
console.log(JSON.stringify([Math.min(...all), Math.max(...all)]))
await aside.close()
`

test.runIf(process.platform === 'linux')(
  'the thread is less urgent than its process, whatever priority that has',
  () => {
    const niceOf = (more: string): [number, number] =>
      JSON.parse(
        execFileSync('nice', ['-n', more, process.execPath, '-e', NICE_VALUES], {
          encoding: 'utf8',
        }),
      )
    const [own, thread] = niceOf('7')
    expect(thread).toBe(Math.min(19, own + 5))
    expect(niceOf('19')).toEqual([19, 19])
  },
)
