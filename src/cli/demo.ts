// `quarry demo`: hands its arguments to the demo, which is only loaded for this command.
import { leftBehind } from './left-behind.ts'
import { leftOut } from './left-out.ts'

/** The command `quarry demo`. */
export async function demo(argv: readonly string[]): Promise<number> {
  const { runDemo } = await import('./demo/run-demo.ts').catch(leftOut('demo'))
  const orphaned = leftBehind(process)
  // As the signal would that did not come through: the parts it started end with it.
  void orphaned.received.then(() => process.kill(process.pid, 'SIGTERM'))
  try {
    return await runDemo(argv, process.env)
  } finally {
    orphaned.close()
  }
}
