import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cacheFolder, keepOnce } from '../../embedded/cache.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-cache-test-'))
})

afterEach(() => rm(folder ?? '', { recursive: true, force: true }))

const fillWith = (text: string) => (target: string) => writeFile(join(target, 'file'), text)

test('the cache is in QUARRY_CACHE, else in XDG_CACHE_HOME', () => {
  expect(cacheFolder({ QUARRY_CACHE: '/here', XDG_CACHE_HOME: '/there' })).toBe('/here')
  expect(cacheFolder({ XDG_CACHE_HOME: '/there' })).toBe(join('/there', 'quarry'))
  expect(cacheFolder({})).toMatch(/\.cache.quarry$/)
})

test('a cached folder is not filled again', async () => {
  const first = await keepOnce(folder, 'jars', fillWith('first'))
  expect(await keepOnce(folder, 'jars', fillWith('second'))).toBe(first)
  expect(await readFile(join(first, 'file'), 'utf8')).toBe('first')
})

test('filling the cache leaves nothing behind when it fails, and can be retried', async () => {
  const failing = keepOnce(folder, 'jars', async (target) => {
    await fillWith('half')(target)
    throw new Error('the line was cut')
  })
  await expect(failing).rejects.toThrow('the line was cut')
  expect(await readdir(folder)).toEqual([])
  const kept = await keepOnce(folder, 'jars', fillWith('whole'))
  expect(await readFile(join(kept, 'file'), 'utf8')).toBe('whole')
})

test('of two processes that fill the cache at once the first to finish wins, and both can use it', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = keepOnce(folder, 'jars', async (target) => {
    await fillWith('slow')(target)
    await gate.promise
  })
  await keepOnce(folder, 'jars', fillWith('quick'))
  gate.resolve()
  expect(await readFile(join(await slow, 'file'), 'utf8')).toBe('quick')
  expect(await readdir(folder)).toEqual(['jars'])
})

test('a half-filled folder of a killed process is removed after an hour, and one still being filled is kept', async () => {
  await writeFile(join(folder, 'jars.partial-old'), '')
  await writeFile(join(folder, 'jars.partial-new'), '')
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  await utimes(join(folder, 'jars.partial-old'), twoHoursAgo, twoHoursAgo)
  await keepOnce(folder, 'jars', fillWith('whole'))
  expect((await readdir(folder)).sort()).toEqual(['jars', 'jars.partial-new'])
})
