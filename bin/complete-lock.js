// Completes package-lock.json after `npm install` (npm run lock): a registry mirror that lacks the optional
// packages of other platforms makes npm leave them out, and `npm ci` then refuses the file.
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
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
