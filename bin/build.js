// Makes what the package contains (`npm pack`): JavaScript and types of the sources in `dist/`, beside the files that they read. Node runs
// TypeScript in a clone, but not below node_modules.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')

rmSync(DIST, { recursive: true, force: true })
const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--project', join(ROOT, 'tsconfig.build.json')]
const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

for (const folder of ['src', 'workers', 'sim', 'embedded', 'examples']) {
  cpSync(join(ROOT, folder), join(DIST, folder), {
    recursive: true,
    filter: (path) => !/\.(ts|md)$|tsconfig\.json$/.test(path),
  })
}
