// Completes package-lock.json after `npm install` (npm run lock). When a registry mirror lacks optional packages of other
// platforms, npm leaves them out, and `npm ci` then refuses the file. Each entry gets its integrity from the registry, so that
// `npm ci` installs exactly what was locked.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))
const { packages } = lock
for (const [path, parent] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`
    const [, os, cpu, musl] = /(android|darwin|linux|win32)-(arm64|arm|x64)(?:-(musl))?$/.exec(name) ?? []
    if (os === undefined || packages[place] || packages[`${path}/${place}`]) continue
    const dev = parent.dev ? { dev: true } : {}
    packages[place] = {
      version,
      cpu: [cpu],
      ...dev,
      ...(musl ? { libc: [musl] } : {}),
      optional: true,
      os: [os],
    }
    console.log(`added ${name} ${version}`)
  }
}
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.integrity !== undefined) continue
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const { version, ...rest } = entry
  packages[path] = { version, integrity: integrityOf(name, version), ...rest }
  console.log(`integrity of ${name} ${version}`)
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)

/** @throws Error when the registry has none: without an integrity the lock would trust whoever serves the package. */
function integrityOf(name, version) {
  const shell = process.platform === 'win32'
  const told = execFileSync('npm', ['view', `${name}@${version}`, 'dist.integrity'], {
    encoding: 'utf8',
    shell,
  })
  if (!/^sha512-\S+\n?$/.test(told)) throw new Error(`The registry has no integrity of ${name} ${version}.`)
  return told.trim()
}
