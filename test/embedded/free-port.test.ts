import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { onFreePort, orPortTaken, PortTakenError } from '../../embedded/free-port.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening').catch(orPortTaken)
  servers.push(server)
  return port
}

test('a taken port is distinguished from other failures', async () => {
  const port = await onFreePort(listen)
  await expect(listen(port)).rejects.toThrow(PortTakenError)
  await expect(listen(-1)).rejects.not.toThrow(PortTakenError)
})

test('a program is started on other ports while one is taken', async () => {
  const taken = await onFreePort(listen)
  const tried: number[] = []
  const port = await onFreePort((each) => {
    tried.push(each)
    return listen(tried.length <= 3 ? taken : each)
  })
  expect(tried).toHaveLength(4)
  expect(tried.at(-1)).toBe(port)
})

test('a program that fails for another reason is not started again', async () => {
  let tried = 0
  const failing = onFreePort(async () => {
    tried += 1
    throw new Error('broken')
  })
  await expect(failing).rejects.toThrow('broken')
  expect(tried).toBe(1)
})
