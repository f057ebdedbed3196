// From the module proxy of Go: programs, built here, and files that modules bring along.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../../embedded/find-program.ts'
import { type Kept, keepTool } from './keep-tool.ts'
import { runTool } from './run-tool.ts'

/** Without what takes most of the time of a build: a program that runs for a second need not be quick. */
const BUILD = ['-ldflags=-s -w', '-gcflags=all=-N -l']

/** Builds a program of Go. @param program - import path and version: `example.com/cmd/tool@v1.2.3`. */
export async function goProgram(program: string): Promise<{ readonly path: string } | { missing: string }> {
  const [path = '', version = ''] = program.split('@')
  const name = path.split('/').findLast((part) => !/^v\d+$/.test(part)) ?? path
  const kept = await keepTool(`${name}-${version}`, async (folder) => {
    await runGo(['install', ...BUILD, program], { GOBIN: folder, CGO_ENABLED: '0' })
  })
  return 'missing' in kept ? kept : { path: join(kept.folder, name) }
}

/** Keeps a folder of a module. @param module - path and version. */
export function goModuleFiles(module: string, subfolder: string): Promise<Kept> {
  const name = module.replaceAll(/[/@]/g, '-')
  return keepTool(name, async (folder) => {
    const { Dir } = JSON.parse(await runGo(['mod', 'download', '-json', module])) as { Dir: string }
    await cp(join(Dir, subfolder), folder, { recursive: true })
  })
}

/** @throws Error with the end of what Go said. */
async function runGo(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const go = await findProgram('go', process.env)
  if (go === undefined) throw new Error('there is no go on the PATH')
  const { code, stdout, stderr } = await runTool(go, args, { env, patient: true })
  if (code !== 0) throw new Error(`go ${args[0]} failed: ${`${stdout}${stderr}`.trim().slice(-500)}`)
  return stdout
}
