// What lies on Redis's disk after a run: with a payload key, nothing that a diagram or a model said.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RedisPart } from '../../embedded/part.ts'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { until } from './quarry-process.ts'
import { converseInputs, startQuarry } from './quarry-under-test.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

let folder: string
let redis: RedisPart
let client: Redis

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-at-rest-'))
  // Redis would compress texts in its dump, and hide from the search what is there.
  const args = ['--dir', folder, '--appendonly', 'yes', '--rdbcompression', 'no']
  redis = await startEmbeddedRedis(await redisSource(), { ...QUIETLY, args })
  client = new Redis(redis.url)
})
afterAll(async () => {
  client?.disconnect()
  await redis?.stop()
  await rm(folder ?? '', { recursive: true, force: true })
})

/** All that Redis has on disk, with the dump as it is now. */
async function onDisk(): Promise<Buffer> {
  await client.save()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))))
}

/** A text as it is and, at any place of a longer one, in base64 and hex. */
function forms(text: string): string[] {
  const bytes = Buffer.from(text)
  const inBase64 = [0, 1, 2].map((offset) =>
    // The first and the last characters depend on what is around.
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [text, bytes.toString('hex'), ...inBase64]
}

const SECRETS = [
  'AKIAINTHEDIAGRAM',
  'the-secret-key-in-the-diagram',
  'What-the-process-asks',
  'Echo: What-the-process',
]

/** Runs a job with credentials and a prompt in the diagram, and gives what was on disk while it waited and afterwards. */
async function run(overrides: Record<string, string>): Promise<Buffer> {
  // One call every two seconds, so that one of two jobs waits in its lane when the dump is made.
  const quarry = await startQuarry({ REDIS_URL: redis.url, QUARRY_DEFAULT_RPM: '30', ...overrides })
  try {
    const inputs = converseInputs(`echo@${randomUUID()}`, {
      'authentication.type': 'credentials',
      'authentication.accessKey': 'AKIAINTHEDIAGRAM',
      'authentication.secretKey': 'the-secret-key-in-the-diagram',
      'data.newMessage': 'What-the-process-asks',
    })
    const id = await quarry.deploy({ inputs, headers: { resultVariable: 'answer' } })
    const runs = [quarry.run(id), quarry.run(id)]
    await Promise.race(runs)
    await until('the other one waits', async () => (await client.keys(`${quarry.prefix}:{*}:z-*`)).length > 0)
    const waiting = await onDisk()
    await Promise.all(runs)
    return Buffer.concat([waiting, await onDisk()])
  } finally {
    await quarry.stop()
  }
}

it('with a payload key, no prompt, no credential and no answer is in the dump or the append-only file', async () => {
  const disk = await run({ QUARRY_PAYLOAD_KEY: randomBytes(32).toString('base64') })
  expect(disk.includes('z-')).toBe(true)
  expect(SECRETS.flatMap(forms).filter((form) => disk.includes(form))).toEqual([])
})

it('without a payload key all of it is in these files, where this test looks', async () => {
  const disk = await run({})
  expect(SECRETS.filter((secret) => !disk.includes(secret))).toEqual([])
})
