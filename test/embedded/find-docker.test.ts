// Whether there is a Docker daemon, and what follows: asked through a socket, as testcontainers asks.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { choose } from '../../embedded/choose.ts'
import { findDocker } from '../../embedded/docker/find-docker.ts'

const SOCKETS = ['/var/run/docker.sock', join(process.env['XDG_RUNTIME_DIR'] ?? '/none', 'docker.sock')]
const asked: string[] = []
let folder: string
let daemon: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-docker-'))
  vi.stubEnv('DOCKER_HOST', `unix://${join(folder, 'docker.sock')}`)
  // Else a test in a container would have to look for the machine around it.
  vi.stubEnv('TESTCONTAINERS_HOST_OVERRIDE', '127.0.0.1')
  daemon = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.setHeader('content-type', 'application/json').end('{"ServerVersion":"28.0.0","OSType":"linux"}')
  })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  daemon?.closeAllConnections()
  daemon?.close()
  await rm(folder ?? '', { recursive: true, force: true })
})

describe('a Docker daemon', () => {
  test.skipIf(SOCKETS.some((socket) => existsSync(socket)))('that does not answer is reported', async () => {
    expect(await findDocker()).toBe('no Docker daemon answers')
  })

  test('that answers at DOCKER_HOST is chosen if the embedded part cannot run', async () => {
    await new Promise<void>((resolve) => daemon.listen(join(folder, 'docker.sock'), resolve))
    const embedded = async () => 'there is no Java'
    const way = await choose({ part: 'Zeebe', addressNames: [], env: {}, embedded, docker: findDocker })
    expect(way).toEqual({ origin: 'docker' })
    expect(asked).toContain('GET /info')
  })
})
