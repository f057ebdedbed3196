import { expect, test } from 'vitest'
import { simForTest } from './clients.ts'

test('every document exists, by URL and in the store, in the requested size', async () => {
  const { url } = await simForTest()
  const file = await fetch(`${url}/__doc/p.png`)
  expect([file.headers.get('content-type'), await file.text()]).toEqual(['image/png', 'DOC'])
  const stored = await fetch(`${url}/v2/documents/d1?storeId=s&contentHash=h`)
  expect([stored.headers.get('content-type'), await stored.text()]).toEqual([
    'application/octet-stream',
    'DOC',
  ])
  expect((await (await fetch(`${url}/__doc/p.png?bytes=5000`)).bytes()).length).toBe(5000)
})

test('a link to a stored document leads to a file', async () => {
  const { url } = await simForTest()
  const answer = await fetch(`${url}/v2/documents/d1.txt/links?storeId=s`, { method: 'POST', body: '{}' })
  const { url: link } = (await answer.json()) as { url: string }
  expect(await (await fetch(link)).text()).toBe('DOC')
})

test('one document id is missing, and only reading documents is supported', async () => {
  const { url } = await simForTest()
  const missing = await fetch(`${url}/v2/documents/missing`)
  expect([missing.status, await missing.json()]).toMatchObject([404, { status: 404, type: 'about:blank' }])
  expect((await fetch(`${url}/__doc/a.txt`, { method: 'DELETE' })).status).toBe(405)
})
