import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

const HEAD = /^(\/\/.*\n)+\n/

it('zeebe.proto equals the SDK’s, and its header names the SDK’s version', () => {
  const { resolve } = createRequire(import.meta.url)
  const ours = readFileSync(new URL('../../src/camunda/zeebe.proto', import.meta.url), 'utf8')
  expect(ours.replace(HEAD, '')).toBe(readFileSync(resolve('@camunda8/sdk/dist/proto/zeebe.proto'), 'utf8'))
  const { devDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { devDependencies: Record<string, string> }
  expect(HEAD.exec(ours)?.[0]).toContain(`@camunda8/sdk ${devDependencies['@camunda8/sdk']} `)
})
