// The package as somebody installs it: packed, unpacked into another project, and run from there. Its dependencies are the ones of this
// folder, so that nothing is fetched.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ROOT } from './compose-file.ts'

const run = promisify(execFile)
const root = fileURLToPath(ROOT)
const modules = join(root, 'node_modules')
let project: string
let installed: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quarry-package-'))
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: root })
  const { filename } = JSON.parse(stdout.slice(stdout.indexOf('[')))[0]
  installed = join(project, 'node_modules', 'quarry')
  await mkdir(installed, { recursive: true })
  await run('tar', ['xzf', join(project, filename), '--strip-components=1', '-C', installed])
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  // As npm does it: each dependency beside the package, with its own ones where node_modules of this folder has them.
  for (const name of readdirSync(modules)) {
    if (name.startsWith('.') || name === 'quarry') continue
    await symlink(join(modules, name), join(project, 'node_modules', name))
  }
  for (const name of Object.keys(manifest.dependencies))
    expect(existsSync(join(modules, name)), name).toBe(true)
})
afterAll(() => rm(project ?? '', { recursive: true, force: true }))

it('holds JavaScript, types, scripts and templates, and no sources, tests or pages', () => {
  const files = readdirSync(installed, { recursive: true }).map(String)
  const sources = files.filter(
    (file) => /(?<!\.d)\.ts$/.test(file) || /^(src|test|bench|docs|k8s)\//.test(file),
  )
  expect(sources).toEqual([])
  for (const file of [
    'dist/src/cli/quarry.js',
    'dist/src/cli/quarry.d.ts',
    'dist/src/ledger/accept.lua',
    'dist/src/camunda/zeebe.proto',
    'dist/src/dashboard/page/page.html',
    'element-templates/quarry-bedrock.json',
    'LICENSE',
    'NOTICE',
    'THIRD-PARTY.md',
    'README.md',
  ])
    expect(files).toContain(file)
})

it('runs the main job from there, from the engine to the end of each instance', async () => {
  const command = [join(installed, 'bin/quarry.js'), 'demo', '--instances', '5', '--json']
  const { stdout } = await run(process.execPath, command, { cwd: project })
  expect(JSON.parse(stdout)).toMatchObject({ instances: 5, completed: 5, incidents: 0 })
})

it('gives other projects the stand-in, to test their diagrams against', async () => {
  const script = `import { startSim } from 'quarry/stand-in'
const sim = await startSim()
const answer = await fetch(sim.url + '/__sim/stats')
console.log(answer.status)
await sim.stop()`
  await writeFile(join(project, 'try.js'), script)
  const { stdout } = await run(process.execPath, ['try.js'], { cwd: project })
  expect(stdout.trim()).toBe('200')
})
