// docs/tutorial.md as a reader follows it: every command in a shell, every change of the diagram, and what the page shows as the result.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CodeBlock, codeBlocks, ROOT } from '../docs/code-blocks.ts'
import { until } from './quarry-process.ts'

const BLOCKS = codeBlocks('docs/tutorial.md')
const DEMO = 'npm run demo -- '
/** The clone, as far as the page uses it. */
const CLONE = ['bin', 'examples', 'node_modules', 'package.json']

let folder: string
let demo: ChildProcess | undefined
let shown = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-tutorial-'))
  for (const name of CLONE) await symlink(join(ROOT, name), join(folder, name))
})
afterAll(async () => {
  await endDemo()
  await rm(folder ?? '', { recursive: true, force: true })
})

it('docs/tutorial.md works as it is written', { timeout: 300_000 }, async () => {
  let printed = ''
  for (const { language, text } of BLOCKS) {
    if (language === 'sh' && text.startsWith(DEMO)) await startDemo(text.trim())
    else if (language === 'sh') printed = await inShell(text)
    else if (language === 'json') expect(JSON.parse(printed)).toEqual(JSON.parse(text))
    else if (language === 'diff') await change(text)
    else await expectInDiagram({ language, text })
  }
  expect(BLOCKS.length).toBeGreaterThan(12)
  await until('the failed job is done', async () =>
    (await inShell('npx quarry jobs show KEY')).includes('is done'),
  )
})

/** That of these tests, without what other files set for parts of their own. */
function environment(): NodeJS.ProcessEnv {
  const ours = /^(ZEEBE|CAMUNDA|CONNECTOR|REDIS|AWS|QUARRY)_(?!PARTS$|CACHE$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}

async function startDemo(command: string): Promise<void> {
  const child = spawn(process.execPath, ['bin/quarry.js', 'demo', ...command.slice(DEMO.length).split(' ')], {
    cwd: ROOT,
    env: environment(),
  })
  demo = child
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      shown += data.toString()
    })
  await until('the demo shows the lines to paste', async () => {
    if (child.exitCode !== null) throw new Error(`The demo ended: ${shown}`)
    return shown.includes('export QUARRY_REDIS_PREFIX')
  })
}

async function endDemo(): Promise<void> {
  if (demo?.exitCode !== null) return
  demo.kill('SIGINT')
  await once(demo, 'exit')
}

/** Runs the commands of a block, with the lines that the demo shows pasted before them. @returns their output */
async function inShell(commands: string): Promise<string> {
  const pasted = shown.match(/export .*/g)?.join('\n') ?? ''
  const [, key = 'KEY'] = /quarry jobs show (\d+)/.exec(shown) ?? []
  const env = { ...environment(), PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH']}` }
  const script = `${pasted}\nset -e\n${commands.replaceAll('KEY', key)}`
  const ran = await new Promise<{ code: unknown; stdout: string; stderr: string }>((done) =>
    execFile('bash', ['-c', script], { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, stdout, stderr }),
    ),
  )
  const [, code = '0'] = /# ends with (\d)/.exec(commands) ?? []
  expect(ran, commands).toMatchObject({ code: Number(code) })
  return ran.stdout
}

/** Lines with `-` are replaced by those with `+`; others stay. */
async function change(text: string): Promise<void> {
  const lines = text.trimEnd().split('\n')
  const without = (sign: string) =>
    lines
      .filter((line) => !line.startsWith(sign))
      .map((line) => line.slice(1))
      .join('\n')
  const file = join(folder, 'first.bpmn')
  const diagram = await readFile(file, 'utf8')
  expect(diagram.split(without('+'))).toHaveLength(2)
  await writeFile(
    file,
    diagram.replace(without('+'), () => without('-')),
  )
}

async function expectInDiagram({ language, text }: CodeBlock): Promise<void> {
  expect(language).toBe('xml')
  const diagram = await readFile(join(ROOT, 'examples', 'first-diagram.bpmn'), 'utf8')
  for (const line of text.trim().split('\n')) expect(diagram).toContain(line)
}
