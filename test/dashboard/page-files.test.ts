// Which files of the page's folder are served.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { makePageFiles } from '../../src/dashboard/page-files.ts'

const PAGE = fileURLToPath(new URL('../../src/dashboard/page', import.meta.url))
const app = makePageFiles()
const status = async (path: string) => (await app.request(path)).status

it('the dashboard serves every file that its document and modules import', async () => {
  const modules = readdirSync(PAGE).filter((name) => name.endsWith('.js'))
  const named = await Promise.all(
    ['page.html', ...modules].map(async (name) => (await app.request(`/assets/${name}`)).text()),
  )
  const paths = named
    .flatMap((text) => [...text.matchAll(/^import .* from '\.\/(.*)'$|"\/assets\/(.*?)"/gm)])
    .map(([, module, asset]) => `/assets/${module ?? asset}`)
  expect(paths).toContain('/assets/lit-html/lit-html.js')
  expect(await Promise.all(paths.map(status))).toEqual(paths.map(() => 200))
})

it('the dashboard does not serve the files that only check types', async () => {
  expect(await Promise.all(['/assets/tsconfig.json', '/assets/page-state.ts'].map(status))).toEqual([
    404, 404,
  ])
})
