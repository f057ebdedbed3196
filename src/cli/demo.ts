// `quarry demo`: imports the demo, which a production image is without, and runs it.
import type { DemoFlags } from './demo/run-demo.ts'
import { leftBehind } from './left-behind.ts'
import { leftOut } from './left-out.ts'

/** The command `quarry demo`. */
export async function demo(flags: DemoFlags): Promise<number> {
  const { runDemo } = await import('./demo/run-demo.ts').catch(leftOut('demo'))
  const orphaned = leftBehind(process)
  // As the signal would that did not come through: the parts it started end with it.
  void orphaned.received.then(() => process.kill(process.pid, 'SIGTERM'))
  try {
    return await runDemo(flags, process.env)
  } finally {
    orphaned.close()
  }
}
