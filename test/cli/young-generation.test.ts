// `quarry start` bounds V8's young generation, which Node can do only when a process starts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const OPTION = /--max-semi-space-size=\d+/

async function commandLineOf(env: Readonly<Record<string, string>>): Promise<string> {
  const { PATH = '', HOME = '' } = process.env
  const own = {
    PATH,
    HOME,
    QUARRY_PORT: '0',
    ZEEBE_GRPC_ADDRESS: 'grpc://127.0.0.1:1',
    REDIS_URL: 'redis://127.0.0.1:1',
  }
  const child = spawn(process.execPath, ['bin/quarry.js', 'start'], { env: { ...own, ...env } })
  try {
    // Its first line comes once it has started, whatever it started as.
    await once(child.stdout, 'data')
    return readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } finally {
    child.kill('SIGKILL')
  }
}

const onLinux = it.skipIf(process.platform !== 'linux')

onLinux('a worker has a bounded young generation under the pid that it was started with', async () => {
  expect(await commandLineOf({})).toMatch(OPTION)
})

onLinux('a bound of the environment is left as it is', async () => {
  expect(await commandLineOf({ NODE_OPTIONS: '--max-semi-space-size=64' })).not.toMatch(OPTION)
})
