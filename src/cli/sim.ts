// `quarry sim`: imports the stand-in for Bedrock, which a production image is without, and runs it.
import type { SimFlags } from '../../sim/main.ts'
import { leftBehind } from './left-behind.ts'
import { leftOut } from './left-out.ts'

/** The command `quarry sim`: runs until a signal ends it. */
export async function sim(flags: SimFlags): Promise<number> {
  const { runSim } = await import('../../sim/main.ts').catch(leftOut('sim'))
  const orphaned = leftBehind(process)
  await runSim(flags, orphaned.received)
  orphaned.close()
  return 0
}
