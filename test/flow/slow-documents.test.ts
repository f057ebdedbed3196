// Documents that trickle: their jobs end after a while, say for what they waited, and hold up no other job of their lane.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runToItsEnd } from './ended-instance.ts'
import { callsOf } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

let quarry: QuarryUnderTest
let server: Server
let folder: string
const open = new Set<ServerResponse>()
let host: string

beforeAll(async () => {
  server = createServer((_request, response) => {
    open.add(response)
    const drops = setInterval(() => response.write('x'), 100)
    response.on('close', () => {
      clearInterval(drops)
      open.delete(response)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  folder = await mkdtemp(join(tmpdir(), 'quarry-slow-'))
  const lanes = join(folder, 'lanes.yaml')
  await writeFile(lanes, 'quotas:\n  - model: "*"\n    concurrency: 2\n')
  quarry = await startQuarry({
    QUARRY_DOCUMENT_ALLOW_HOSTS: host,
    QUARRY_READ_TIMEOUT: 'PT10S',
    QUARRY_LANE_CONCURRENCY: '2',
    QUARRY_LANES_FILE: lanes,
  })
})
afterAll(async () => {
  await quarry?.stop()
  server?.closeAllConnections()
  server?.close()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

it('while jobs wait for slow documents other jobs of the lane are called, and the slow ones fail with the name of the host', async () => {
  const slow = await quarry.deploy({
    inputs: converseInputs('slow-docs', { 'data.newDocuments': '=docs' }),
    retries: '1',
  })
  const healthy = await quarry.deploy({ inputs: converseInputs('slow-docs') })
  const url = (index: number) => `http://${host}/report-${index}?signature=not-to-be-told`
  const begun = [1, 2, 3, 4].map((index) =>
    runToItsEnd(quarry, slow, {
      docs: [{ 'camunda.document.type': 'external', url: url(index), name: 'a.txt' }],
    }),
  )
  await expect.poll(() => open.size, { timeout: 20_000 }).toBe(4)
  await Promise.all([1, 2, 3].map(() => quarry.run(healthy)))
  expect(open.size).toBeGreaterThan(0)
  expect(await callsOf('slow-docs')).toHaveLength(3)
  for (const { incident } of await Promise.all(begun)) {
    const message = incident?.value['errorMessage']
    expect(message).toMatch(
      new RegExp(`took longer than 10 s \\(QUARRY_READ_TIMEOUT.*waiting for ${host}\\.`),
    )
    expect(message).not.toContain('not-to-be-told')
  }
  expect(await callsOf('slow-docs')).toHaveLength(3)
})
