import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../bin/check-advisories.js', import.meta.url))

/** Runs it with an npm that writes this text and ends as npm does: with 1 for what it found and for what went wrong. */
async function check(text: string): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-audit-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'report'), text)
  await writeFile(join(folder, 'npm'), `#!/bin/sh\ncat ${join(folder, 'report')}\nexit 1\n`)
  await chmod(join(folder, 'npm'), 0o755)
  return new Promise((resolve) => {
    const env = { PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin` }
    const child = execFile(process.execPath, [SCRIPT], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

const advisory = (severity: string) => ({
  vulnerabilities: {
    undici: { via: [{ severity, title: 'It leaks', url: 'https://github.com/advisories/GHSA-1-2-3' }] },
    'on-undici': { via: ['undici'] },
  },
})

it('a serious advisory on a package ends the check with its name, title and address', async () => {
  const { code, output } = await check(JSON.stringify(advisory('high')))
  expect(code).toBe(1)
  expect(output).toContain('undici: It leaks (high), https://github.com/advisories/GHSA-1-2-3')
  expect(output).toContain('1 known, 1 serious')
})

it('a lesser advisory is only counted', async () => {
  expect(await check(JSON.stringify(advisory('moderate')))).toEqual({
    code: 0,
    output: 'Advisories: 1 known, 0 serious and not accepted.\n',
  })
})

it.each([
  ['a registry without advisories', '{"message":"405 Method Not Allowed"}', '405 Method Not Allowed'],
  ['what is no report', 'npm error', 'npm audit gave no report'],
])('%s is reported, and does not fail the check', async (_what, text, why) => {
  const { code, output } = await check(text)
  expect([code, output]).toEqual([0, expect.stringContaining(why)])
})
