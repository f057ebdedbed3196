// The files of the image, laid into a folder as a build would: the Dockerfile's COPY and RUN, one after another, from
// what .dockerignore lets through. Of the base images only Node is there.
import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ImageConfig, readDockerfile, type Stage, type Step } from './dockerfile.ts'

export interface ImageTree extends ImageConfig {
  /** A path of the image on this machine. */
  at(path: string): string
  remove(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NODE = '/nodejs/bin/node'

/** Lays the last stage, owned by the user of the tests. @throws Error when a step fails. */
export async function layImage(): Promise<ImageTree> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-image-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const { stages, config } = readDockerfile()
    const context = await buildContext()
    for (const [index, stage] of stages.entries()) await layStage(stage, { folder, index, context, stages })
    const at = (path: string) => join(folder, String(stages.length - 1), path)
    await mkdir(join(at(NODE), '..'), { recursive: true })
    await copyFile(process.execPath, at(NODE))
    // mkdtemp lets nobody else in.
    await chmod(folder, 0o755)
    return { ...config, at, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

interface Build {
  readonly folder: string
  readonly index: number
  readonly context: ReadonlySet<string>
  readonly stages: readonly Stage[]
}

type Copy = Step & { readonly kind: 'copy' }

async function layStage(stage: Stage, build: Build): Promise<void> {
  const base = build.stages.findIndex(({ name }) => name === stage.image)
  const root = join(build.folder, String(build.index))
  // One that goes on from another has its files, which nothing else needs any more.
  if (base >= 0) await rename(join(build.folder, String(base)), root)
  const workdir = join(root, stage.workdir)
  await mkdir(workdir, { recursive: true })
  for (const step of stage.steps) {
    if (step.kind === 'run') await run(step.command, workdir)
    else for (const source of step.sources) await copy(pathOf(source, step, build), workdir, step)
  }
}

function pathOf(source: string, { from }: Copy, { folder, context, stages }: Build): string {
  if (from !== null) return join(folder, String(stages.findIndex(({ name }) => name === from)), source)
  const [top = ''] = source.split('/')
  if (!context.has(top)) throw new Error(`${source} is copied, and .dockerignore leaves it out.`)
  return join(ROOT, source)
}

/** As COPY does: the content of a folder into `to`, a file into a `to` that ends with a slash or as `to`. */
async function copy(source: string, workdir: string, { from, to }: Copy): Promise<void> {
  const isFolder = (await stat(source)).isDirectory()
  const target = join(workdir, to, !isFolder && /\/$|^\.$/.test(to) ? basename(source) : '')
  // What an earlier stage made is not needed there any more.
  await (from === null ? cp(source, target, { recursive: true }) : rename(source, target))
}

/** What stands at the top of the build context: all that .dockerignore takes back from its `*`. */
async function buildContext(): Promise<ReadonlySet<string>> {
  const lines = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (patterns[0] !== '*' || !patterns.slice(1).every((line) => /^![\w.-]+$/.test(line))) {
    throw new Error('.dockerignore is expected to leave out all, and to take back names at the top.')
  }
  return new Set(patterns.slice(1).map((line) => line.slice(1)))
}

async function run(command: string, cwd: string): Promise<void> {
  // Not what npm hands to its own scripts: the folder it works on would be the project's.
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, npm_config_prefer_offline: 'true' }
  await promisify(execFile)('/bin/sh', ['-c', command], { cwd, env })
}
