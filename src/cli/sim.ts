// `quarry sim`: hands its arguments to the stand-in for Bedrock, which is only loaded for this command.
import { leftBehind } from './left-behind.ts'
import { leftOut } from './left-out.ts'

/** The command `quarry sim`: runs until a signal ends it. */
export async function sim(argv: readonly string[]): Promise<number> {
  const { runSim } = await import('../../sim/main.ts').catch(leftOut('sim'))
  const orphaned = leftBehind(process)
  await runSim(argv, orphaned.received)
  orphaned.close()
  return 0
}
