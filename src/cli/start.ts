// `quarry start`: starts the roles and stops them on a signal.
import { flushCompileCache } from 'node:module'
import { logNodeWarnings, makeLogger } from '../telemetry/logger.ts'
import { leftBehind } from './left-behind.ts'
import { readSettings, type SettingsFlags } from './read-settings.ts'
import { stopSignal } from './stop-signal.ts'

/** The command `quarry start`: runs the roles until a signal asks them to stop. */
export async function start(flags: SettingsFlags): Promise<number> {
  const { settings, warnings } = await readSettings('start', flags)

  const asked = stopSignal(process)
  const orphaned = leftBehind(process)
  try {
    const { startRoles } = await import('../../workers/all-in-one.ts')
    const log = makeLogger(settings.log)
    logNodeWarnings(log)
    for (const warning of warnings) log.warn({ warning }, 'setting without effect')
    const roles = await startRoles(settings)
    // All code is loaded now. The compile cache is written here, since the process may be killed later.
    flushCompileCache()
    const end = await Promise.race([asked.received, orphaned.received, roles.refused])
    if (end instanceof Error) {
      await roles.stop()
      throw end
    }
    if (process.stderr.isTTY)
      process.stderr.write('Finishing running calls. Press Ctrl-C again to stop at once.\n')
    await roles.stop()
    return 0
  } finally {
    asked.close()
    orphaned.close()
  }
}
