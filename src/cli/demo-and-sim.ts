// `quarry demo` and `quarry sim`, whose code the production image does not include.
import type { SimFlags } from '../../sim/main.ts'
import type { DemoFlags } from './demo/run-demo.ts'
import { leftBehind } from './left-behind.ts'
import { UsageError } from './usage-error.ts'

/** The command `quarry demo`. */
export async function demo(flags: DemoFlags): Promise<number> {
  const { runDemo } = await import('./demo/run-demo.ts').catch(leftOut('demo'))
  const orphaned = leftBehind(process)
  // Stands in for the signal that npx did not pass on: the demo then stops what it started.
  void orphaned.received.then(() => process.kill(process.pid, 'SIGTERM'))
  try {
    return await runDemo(flags, process.env)
  } finally {
    orphaned.close()
  }
}

/** The command `quarry sim`: runs until a signal ends it. */
export async function sim(flags: SimFlags): Promise<number> {
  const { runSim, WrongFlag } = await import('../../sim/main.ts').catch(leftOut('sim'))
  const orphaned = leftBehind(process)
  try {
    await runSim(flags, orphaned.received)
    return 0
  } catch (error) {
    throw error instanceof WrongFlag ? new UsageError(error.message, 'sim') : error
  } finally {
    orphaned.close()
  }
}

/** For `import(…).catch`: explains that this image has no such command. @throws any other error as it is. */
function leftOut(command: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    const message = `quarry ${command} is not part of this image, which has the production commands only. Build an image without --target runtime, or run it from the project's folder.`
    throw new Error(message, { cause: error })
  }
}
