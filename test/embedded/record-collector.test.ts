// What the exporter of an engine in a container sends comes out as the embedded engine's records do.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RecordCollector, startRecordCollector } from '../../embedded/docker/record-collector.ts'
import { makeEngineRecords } from '../../embedded/zeebe/records.ts'

const ACTION = '{"index":{"_index":"zeebe-record_job_8.9.17_2026-11-26","_id":"1-1","routing":"1"}}'

/** A line as Zeebe writes it: 64-bit keys and numbers of variables are numbers. */
function line(position: number, valueType: string, intent: string, value: string): string {
  const about = `"partitionId":1,"recordType":"EVENT","brokerVersion":"8.9.17","sequence":2251799813685250`
  return `{${about},"position":${position},"key":2251799813685300,"timestamp":1795000000000,"valueType":"${valueType}","intent":"${intent}","value":${value}}`
}

const LINES = [
  line(1, 'PROCESS_INSTANCE', 'ELEMENT_ACTIVATING', '{"bpmnElementType":"PROCESS"}'),
  line(
    2,
    'PROCESS_INSTANCE',
    'ELEMENT_ACTIVATED',
    '{"bpmnElementType":"PROCESS","processInstanceKey":9007199254740993}',
  ),
  line(3, 'PROCESS_INSTANCE', 'ELEMENT_ACTIVATED', '{"bpmnElementType":"SERVICE_TASK"}'),
  line(
    4,
    'JOB',
    'COMPLETED',
    '{"processInstanceKey":9007199254740993,"variables":{"n":9007199254740993,"apiKey":1}}',
  ),
  line(5, 'INCIDENT', 'CREATED', '{"jobKey":-1,"errorMessage":"no"}'),
  line(6, 'VARIABLE', 'CREATED', '{"name":"x"}'),
]

let collector: RecordCollector

async function send(path: string, body: string, method = 'POST'): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${collector.port}${path}`, { method, body })
  expect(answer.headers.get('x-elastic-product')).toBe('Elasticsearch')
  return answer.json()
}

beforeAll(async () => {
  collector = await startRecordCollector()
  expect(await send('/zeebe-record*/_settings', '{"index.lifecycle.name":null}', 'PUT')).toEqual({
    acknowledged: true,
  })
  const bulk = (lines: readonly string[]) =>
    lines
      .flatMap((one) => [ACTION, one])
      .join('\n')
      .concat('\n')
  expect(await send('/_bulk', bulk(LINES.slice(0, 4)))).toEqual({ took: 0, errors: false, items: [] })
  // An exporter that got no answer sends it all again.
  await send('/_bulk', bulk(LINES))
})
afterAll(() => collector?.stop())

test('the collector keeps each event of instances, jobs and incidents once, with keys as text', async () => {
  const { records, position } = await makeEngineRecords(collector.port).since(-1)
  expect(records.map((record) => [record.position, record.valueType, record.intent])).toEqual([
    [2, 'PROCESS_INSTANCE', 'ELEMENT_ACTIVATED'],
    [4, 'JOB', 'COMPLETED'],
    [5, 'INCIDENT', 'CREATED'],
  ])
  expect(records[1]).toEqual({
    position: 4,
    valueType: 'JOB',
    intent: 'COMPLETED',
    key: '2251799813685300',
    timestamp: 1_795_000_000_000,
    value: { processInstanceKey: '9007199254740993', variables: { n: 9_007_199_254_740_993n, apiKey: 1 } },
  })
  expect(position).toBe(6)
})

test('the collector reads records of one kind in pages from a position', async () => {
  const records = makeEngineRecords(collector.port)
  const first = await records.since(-1, { limit: 1 })
  expect([first.records.length, first.position]).toEqual([1, 2])
  const jobs = await records.since(first.position, { valueType: 'JOB' })
  expect(jobs.records.map(({ intent }) => intent)).toEqual(['COMPLETED'])
  expect(await records.since(jobs.position)).toEqual({ records: [], position: 6 })
})
