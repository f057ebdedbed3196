// What a stranger's `npm ci` needs of the lock file.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface LockedPackage {
  readonly resolved?: string
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
