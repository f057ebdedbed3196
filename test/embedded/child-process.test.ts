import { expect, test } from 'vitest'
import { type Child, startChild } from '../../embedded/child-process.ts'

const TIMEOUT_MS = 10_000

const run = (script: string): Child => startChild(process.execPath, ['-e', script], { env: process.env })
const ready = (line: string) => (line === 'ready' ? line : undefined)

test('a program that ends before it is ready is an error with the end of its output', async () => {
  const child = run('console.log("listening"); console.error("port in use"); process.exitCode = 3')
  const waiting = child.line(ready, { timeoutMs: TIMEOUT_MS })
  await expect(waiting).rejects.toThrow(/exit code 3(.|\n)*port in use/)
  expect(child.tail()).toContain('listening')
})

test('a missing program is an error that names it', async () => {
  const child = startChild('/no/such/program', [], { env: {} })
  await expect(child.line(ready, { timeoutMs: TIMEOUT_MS })).rejects.toThrow('/no/such/program')
})

test('a program that is not ready in time is an error', async () => {
  const child = run('process.stdin.resume()')
  await expect(child.line(ready, { timeoutMs: 1 })).rejects.toThrow('not ready after 0.001 s')
  await child.stop()
})

test('an abort ends the wait for a program with its reason', async () => {
  const child = run('process.stdin.resume()')
  const reason = new Error('no longer wanted')
  const waiting = child.line(ready, { timeoutMs: TIMEOUT_MS, signal: AbortSignal.abort(reason) })
  await expect(waiting).rejects.toBe(reason)
  await child.stop()
})

test('a program that heeds neither its stdin nor SIGTERM is killed, and stopping again is harmless', async () => {
  const child = run('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")')
  await child.line(ready, { timeoutMs: TIMEOUT_MS })
  await Promise.all([child.stop(10), child.stop(10)])
  expect(await child.ended).toEqual({ ok: false, text: 'was ended by SIGKILL' })
  await child.stop()
})
