import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { runSim } from '../../sim/main.ts'

const MAIN = new URL('../../sim/main.ts', import.meta.url).href

function quarrySim(...argv: string[]) {
  const program = `import { runSim } from ${JSON.stringify(MAIN)}; await runSim(${JSON.stringify(argv)})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program])
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.on('error', () => {})
  onTestFinished(async () => {
    child.kill()
    await ended
  })
  return { child, ended }
}

test('quarry sim prints what to paste, serves, and exits 0 on SIGTERM', async () => {
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

test('--help says how to use it', async () => {
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
  [['--port', 'x'], '--port "x" is not a whole number from 0 to 65535'],
  [['--rpm', '0'], '--rpm "0" is not a whole number from 1'],
  [['--speed', '1'], "Unknown option '--speed'"],
  [['--latency', 'fast'], 'Latency "fast" is not understood'],
  [['--settings', 'missing.yaml'], 'Cannot use --settings missing.yaml: ENOENT'],
])('%j is refused in words', async (argv, message) => {
  await expect(runSim(argv)).rejects.toThrow(message)
})
