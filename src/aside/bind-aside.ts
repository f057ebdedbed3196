// Binds the variables of a job, in another thread where they are large.
import type { BindOptions } from '../connector/bind-request.ts'
import type { DocumentSupply } from '../connector/documents/document-supply.ts'
import type { AboutWork, Aside } from './aside.ts'
import { copySupply, readBound, readNeeds } from './copies.ts'
import { type Binding, bindHere } from './job-work.ts'

/** Binds small variables here, without a copy of anything, and large ones in the thread. Rejects as {@link Aside}. */
export async function bindAside(
  aside: Aside,
  about: AboutWork,
  variables: string,
  { supply, ...options }: BindOptions & { readonly supply: DocumentSupply },
): Promise<Binding> {
  if (!aside.isLarge(about.units)) return bindHere(variables, { ...options, supply })
  const supplied = copySupply(supply)
  const copy = await aside.run('bind', about, variables, options, supplied)
  if (copy.kind === 'bound') return { kind: 'bound', bound: readBound(copy.bound) }
  return { kind: 'needs', needs: readNeeds(copy.needs) }
}
