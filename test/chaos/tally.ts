// What a run came to, as the table that it prints.

import type { InFlight } from './in-flight.ts'
import type { Counted, Instances } from './instances.ts'
import { SEED } from './seed.ts'
import { type Call, paidAgain, type StandIn } from './stand-in.ts'

export interface Tally extends Omit<Counted, 'open'> {
  /** Instances that neither completed nor stopped at an incident. */
  readonly lost: number
  readonly calls: number
  readonly paid: number
  /** The jobs that were paid for more than once: for each further payment its text. */
  readonly paidAgain: readonly string[]
  /** Calls of the processes that a fault struck, without an answer at that moment. */
  readonly inFlight: number
}

/** Counts. */
export async function tally(
  instances: Instances,
  standIn: StandIn,
  faults: readonly InFlight[] = [],
): Promise<Tally> {
  const { open: lost, ...counted } = await instances.count()
  const calls: readonly Call[] = standIn.calls().filter(({ model }) => model === instances.model)
  return {
    ...counted,
    lost,
    calls: calls.length,
    paid: calls.filter(({ paid }) => paid).length,
    paidAgain: paidAgain(calls),
    inFlight: faults.reduce((sum, { open }) => sum + open, 0),
  }
}

/** Prints it, with what the scenario has to say besides. */
export function printTally(
  title: string,
  counted: Tally,
  more: Readonly<Record<string, string | number>> = {},
): void {
  const { paidAgain: again, ...numbers } = counted
  const rows = Object.entries({
    'instances started': numbers.started,
    completed: numbers.completed,
    lost: numbers.lost,
    incidents: numbers.incidents,
    'failures told to Zeebe': numbers.failures,
    'leases that ran out': numbers.timeouts,
    'calls made': numbers.calls,
    'calls paid': numbers.paid,
    'calls paid twice': again.length,
    'calls in flight at the faults': numbers.inFlight,
    ...more,
    seed: SEED,
  })
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  process.stdout.write(`\nchaos: ${title}\n${lines.join('\n')}\n\n`)
}
