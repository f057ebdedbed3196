// What a stranger's `npm ci` needs of the lock file.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface LockedPackage {
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly optionalDependencies?: Record<string, string>
}
const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')
const lock = JSON.parse(text) as { packages: Record<string, LockedPackage> }
const packages = Object.entries(lock.packages)

it('the lock file names no registry', () => {
  expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
})

it('the lock file holds the optional packages of every platform', () => {
  const known = new Set(packages.map(([path]) => path))
  const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !known.has(`node_modules/${name}`) && !known.has(`${path}/node_modules/${name}`),
    ),
  )
  expect(missing).toEqual([])
})

it('the lock file has the integrity of every package, so that no other one can be served', () => {
  const without = packages.filter(([path, { integrity = '' }]) => path !== '' && !/^sha512-/.test(integrity))
  expect(without.map(([path]) => path)).toEqual([])
})

it('no production package has an installation script', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    allowScripts: Record<string, boolean>
  }
  const scripts = packages.filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
  const names = scripts.map(([path]) => path.replace(/^.*node_modules\//, ''))
  for (const name of names) expect([name, manifest.allowScripts[name]]).toEqual([name, false])
})

it('Camunda’s SDK, of which Quarry needs one file, is not a production package', () => {
  const shipped = packages.filter(([path, { dev }]) => path !== '' && dev !== true)
  const names = shipped.map(([path]) => path.replace(/^.*node_modules\//, ''))
  for (const name of ['@camunda8/sdk', 'got', 'winston', 'form-data', 'lodash.mergewith', 'win-ca']) {
    expect(names).not.toContain(name)
  }
})
