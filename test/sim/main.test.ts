import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { COMMAND, runQuarry } from '../cli/run-quarry.ts'

function quarrySim(...argv: string[]) {
  const child = spawn(process.execPath, [COMMAND, 'sim', ...argv])
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.on('error', () => {})
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  return { child, ended }
}

test('quarry sim prints the settings to paste, serves, and exits 0 on SIGTERM', async () => {
  const { child, ended } = quarrySim('--port', '0', '--tls-port', '0', '--rpm', '600', '--latency', '5ms')
  let printed = ''
  for await (const chunk of child.stdout) {
    printed += chunk
    if (printed.includes('Ctrl-C')) break
  }
  const [, url] = /AWS_ENDPOINT_URL_BEDROCK_RUNTIME=(http:\S+)/.exec(printed) ?? []
  const [, caFile = ''] = /AWS_CA_BUNDLE=(\S+)/.exec(printed) ?? []
  const settings = await (await fetch(`${url}/__sim/settings`)).json()
  expect(settings).toMatchObject({
    quotas: [{ requestsPerMinute: 600 }],
    latency: { kind: 'fixed', ms: 5 },
  })
  expect(existsSync(caFile)).toBe(true)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(existsSync(caFile)).toBe(false)
})

test('--help shows how to use it', async () => {
  const { child, ended } = quarrySim('--help')
  expect(await text(child.stdout)).toContain('quarry sim --rpm 600')
  expect(await ended).toBe(0)
})

test('a settings file comes before --rpm, and --latency before the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-sim-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'sim.yaml')
  await writeFile(
    file,
    'quotas:\n  - model: slow*\n    requestsPerMinute: 5\nlatency: {kind: fixed, ms: 1}\n',
  )
  const { child } = quarrySim(
    '--port',
    '0',
    '--tls-port',
    '0',
    '--settings',
    file,
    '--tpm',
    '9',
    '--latency',
    '2ms',
  )
  let printed = ''
  for await (const chunk of child.stdout) {
    printed += chunk
    if (printed.includes('Ctrl-C')) break
  }
  const [, url] = /AWS_ENDPOINT_URL_BEDROCK_RUNTIME=(http:\S+)/.exec(printed) ?? []
  expect(await (await fetch(`${url}/__sim/settings`)).json()).toMatchObject({
    quotas: [{ model: 'slow*', requestsPerMinute: 5 }, { tokensPerMinute: 9 }],
    latency: { ms: 2 },
  })
})

test.each([
  [['--port', 'x'], 2, '--port "x" is not a whole number from 0 to 65535'],
  [['--rpm', '0'], 2, '--rpm "0" is not a whole number from 1'],
  [['--speed', '1'], 2, "unknown option '--speed'"],
  [['--latency', 'fast'], 2, 'Latency "fast" is not understood'],
  [['--settings', 'missing.yaml'], 1, 'Cannot use --settings missing.yaml: ENOENT'],
])('%j ends quarry sim with %i and a message', async (argv, code, message) => {
  const ended = await runQuarry(['sim', ...argv])
  expect(ended.stderr).toContain(message)
  expect(ended.code).toBe(code)
})
