// Runs after `npm ci`: links `quarry` beside the commands of the installed packages, so that `npx quarry` finds it without
// asking a registry. Failures are ignored: `node bin/quarry.js` works without the link.
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'node_modules', '.bin')

// Windows would need a .cmd file.
if (process.platform !== 'win32' && existsSync(folder)) {
  try {
    const link = join(folder, 'quarry')
    rmSync(link, { force: true })
    symlinkSync('../../bin/quarry.js', link)
    chmodSync(join(root, 'bin', 'quarry.js'), 0o755)
  } catch {
    // A read-only or unusual file system.
  }
}
