// Quarry ships under the Apache License 2.0: what it runs with must allow that.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('..', import.meta.url)
/** Licences that ask for no more than to be named. */
const FREE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense',
]
/** Those of tools besides, which are not part of what is shipped. */
const FOR_TOOLS = ['MPL-2.0']

/** Tools whose package.json names no licence of the lists; their texts are MIT, bpmn-js's with its mark on diagrams left as it is. */
const READ = ['node_modules/bpmn-js', 'node_modules/cli-table']

interface Locked {
  readonly dev?: boolean
}
interface Manifest {
  readonly license?: string
  readonly licenses?: string | readonly { readonly type: string }[]
}

const read = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8')) as unknown
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> }
const installed = Object.entries(packages).filter(
  ([path]) => path !== '' && existsSync(new URL(`${path}/package.json`, ROOT)),
)

it('every package has a licence under which Quarry may be shipped', () => {
  expect(installed.length).toBeGreaterThan(250)
  const others = installed.flatMap(([path, { dev = false }]) => {
    if (dev && READ.includes(path)) return []
    const allowed = dev ? [...FREE, ...FOR_TOOLS] : FREE
    const licence = licenceOf(read(`${path}/package.json`) as Manifest)
    return choices(licence).some((one) => allowed.includes(one)) ? [] : [`${path}: ${licence}`]
  })
  expect(others).toEqual([])
})

it('the notices that are shipped are those of the lock file', () => {
  const { status, stderr } = spawnSync(process.execPath, ['bin/write-notices.js', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

function licenceOf({ license, licenses }: Manifest): string {
  const told = license ?? licenses ?? 'none'
  // As written before there were names for them.
  return typeof told === 'string' ? told : told.map(({ type }) => type).join(' OR ')
}

/** Of `A OR B` one is enough; `A AND B` is left whole, and so is on no list. */
function choices(licence: string): string[] {
  return licence
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .map((one) => one.replace(/^Apache 2\.0$/, 'Apache-2.0'))
}
