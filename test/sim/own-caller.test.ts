import { expect, test } from 'vitest'
import { isFromPage } from '../../sim/own-caller.ts'
import { simForTest } from './clients.ts'

test.each([
  {},
  { host: 'localhost:4580' },
  { host: '127.0.0.1:4580' },
  { host: '[::1]:4580' },
  { host: 'stand-in:4580' },
  { host: 'quarry-stand-in.quarry-development.svc:4580' },
  { host: 'box.example.com:4580' },
  { host: 'localhost:4580', 'sec-fetch-site': 'none' },
])('the stand-in answers a program or a person: %j', (headers) => {
  expect(isFromPage(headers, ['box.example.com'])).toBe(false)
})

test.each([
  { host: 'localhost:4580', origin: 'https://evil.example' },
  { host: 'localhost:4580', origin: 'null' },
  { host: 'localhost:4580', 'sec-fetch-site': 'cross-site' },
  { host: 'localhost:4580', 'sec-fetch-site': 'same-site' },
  { host: 'rebound.evil.example:4580' },
  { host: 'evil.example' },
])('the stand-in refuses a web page: %j', (headers) => {
  expect(isFromPage(headers, ['box.example.com'])).toBe(true)
})

test('a web page can neither reset the stand-in nor read its log', async () => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/__sim/reset`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  })
  expect([answer.status, await answer.json()]).toEqual([
    403,
    { message: expect.stringContaining('not for web pages') },
  ])
})
