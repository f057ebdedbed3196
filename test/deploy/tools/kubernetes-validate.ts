// kubernetes-validate, a program of Python that brings the schemas of Kubernetes along.
import { join } from 'node:path'
import { findProgram } from '../../../embedded/find-program.ts'
import { keepTool } from './keep-tool.ts'
import { runTool } from './run-tool.ts'

const VERSION = '1.37.0'

/** The command and its environment, or why there is none. */
export async function kubernetesValidate(): Promise<
  { readonly command: string; readonly env: Readonly<Record<string, string>> } | { readonly missing: string }
> {
  const kept = await keepTool(`kubernetes-validate-${VERSION}`, async (folder) => {
    const python = await findProgram('python3', process.env)
    if (python === undefined) throw new Error('there is no python3 on the PATH')
    const what = ['--target', folder, '--no-compile', `kubernetes-validate==${VERSION}`]
    const { code, stderr } = await runTool(python, ['-m', 'pip', 'install', '--quiet', ...what])
    if (code !== 0) throw new Error(`pip failed: ${stderr.trim().slice(-300)}`)
  })
  if ('missing' in kept) return kept
  return { command: join(kept.folder, 'bin', 'kubernetes-validate'), env: { PYTHONPATH: kept.folder } }
}
