// Kustomize: the one that is installed, by itself or within kubectl, else one that is built.
import { findProgram } from '../../../embedded/find-program.ts'
import { goProgram } from './go.ts'
import { runTool } from './run-tool.ts'

const PROGRAM = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1'

/** The command that builds a folder that comes after it, or why there is none. */
export async function kustomize(): Promise<readonly string[] | { readonly missing: string }> {
  const installed = await findProgram('kustomize', process.env)
  if (installed !== undefined) return [installed, 'build']
  const kubectl = await findProgram('kubectl', process.env)
  if (kubectl !== undefined) {
    const { stdout } = await runTool(kubectl, ['version', '--client'])
    if (/^Kustomize Version: v[5-9]\./m.test(stdout)) return [kubectl, 'kustomize']
  }
  const built = await goProgram(PROGRAM)
  return 'missing' in built ? built : [built.path, 'build']
}
