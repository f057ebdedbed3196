// What a stranger's `npm ci` needs of the lock file.
import { expect, it } from 'vitest'
import lock from '../package-lock.json' with { type: 'json' }

interface LockedPackage {
  readonly resolved?: string
  readonly optionalDependencies?: Record<string, string>
}
const packages: [string, LockedPackage][] = Object.entries(lock.packages)

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
