// Helm: the one that is installed, else one that is built.
import { findProgram } from '../../../embedded/find-program.ts'
import { goProgram } from './go.ts'

const PROGRAM = 'helm.sh/helm/v3/cmd/helm@v3.19.0'

export async function helm(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const installed = await findProgram('helm', process.env)
  return installed === undefined ? goProgram(PROGRAM) : { path: installed }
}
