// A fault of the stand-in that all test files share: each file adds and removes its own rules, so that none takes out another's.
import { inject } from 'vitest'
import type { FaultRule } from '../../sim/sim.ts'

/** Puts a fault rule in force. Ends it when it is called. */
export async function addFault(rule: FaultRule): Promise<() => Promise<void>> {
  const faults = `${inject('simUrl')}/__sim/faults`
  const added = await fetch(faults, { method: 'POST', body: JSON.stringify(rule) })
  if (!added.ok) throw new Error(`The stand-in refused the rule: ${added.status} ${await added.text()}`)
  const { id } = (await added.json()) as { id: string }
  return async () => {
    const removed = await fetch(`${faults}/${id}`, { method: 'DELETE' })
    if (!removed.ok) throw new Error(`The stand-in no longer had the rule: ${await removed.text()}`)
  }
}
