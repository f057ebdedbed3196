import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFileProvider } from '../../src/secrets/file-provider.ts'

const SCOPE = { tenantId: 't', bpmnProcessId: 'p' }
let root: string
let directory: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'quarry-secrets-'))
  directory = join(root, 'mounted')
  await mkdir(directory)
})
afterEach(() => rm(root ?? '', { recursive: true, force: true }))

const get = (name: string) => makeFileProvider(directory).get(name, SCOPE)

describe('a secret of a directory', () => {
  test.each([
    ['value', 'value'],
    ['value\n', 'value'],
    ['value\r\n', 'value'],
    ['value\n\n', 'value\n'],
    [' välue ', ' välue '],
    ['', ''],
  ])('with the content %j is %j', async (content, value) => {
    await writeFile(join(directory, 'my.KEY-1'), content)
    expect(await get('my.KEY-1')).toBe(value)
  })

  test('is null if there is no file, or a folder in its place', async () => {
    await mkdir(join(directory, 'folder'))
    expect(await get('nothing')).toBeNull()
    expect(await get('folder')).toBeNull()
  })

  test.each(['../outside', '..', '.', '..data', 'a/b', '/etc/hostname', 'a\\b', '', 'a\0b'])(
    'cannot be %j',
    async (name) => {
      await writeFile(join(root, 'outside'), 'x')
      expect(await get(name)).toBeNull()
    },
  )

  test('is read again each time, through the links that Kubernetes makes', async () => {
    await mkdir(join(directory, '..v1'))
    await mkdir(join(directory, '..v2'))
    await writeFile(join(directory, '..v1', 'KEY'), 'old')
    await writeFile(join(directory, '..v2', 'KEY'), 'new')
    await symlink('..v1', join(directory, '..data'))
    await symlink(join('..data', 'KEY'), join(directory, 'KEY'))
    const provider = makeFileProvider(directory)
    expect(await provider.get('KEY', SCOPE)).toBe('old')
    await rm(join(directory, '..data'))
    await symlink('..v2', join(directory, '..data'))
    expect(await provider.get('KEY', SCOPE)).toBe('new')
  })

  test('that cannot be read is reported by name, without its path, because the message becomes an incident', async () => {
    await symlink('LOOP', join(directory, 'LOOP'))
    await expect(get('LOOP')).rejects.toThrow(
      /^The file of secret 'LOOP' in QUARRY_SECRETS_DIR cannot be read: ELOOP$/,
    )
  })

  test('that is too large is refused, with its name and the directory’s setting', async () => {
    await writeFile(join(directory, 'BIG'), 'x'.repeat(1_048_577))
    await expect(get('BIG')).rejects.toThrow(/file of secret 'BIG' in QUARRY_SECRETS_DIR .* larger than/)
  })
})

describe('with a directory for each tenant', () => {
  const of = (tenantId: string, name = 'KEY') =>
    makeFileProvider(directory, true).get(name, { tenantId, bpmnProcessId: 'p' })

  beforeEach(async () => {
    for (const tenant of ['acme', 'acme_eu', '<default>']) {
      await mkdir(join(directory, tenant))
      await writeFile(join(directory, tenant, 'KEY'), `of ${tenant}`)
    }
    await writeFile(join(directory, 'KEY'), 'of nobody')
    await writeFile(join(root, 'KEY'), 'outside')
  })

  test('a tenant gets its own secrets and no other', async () => {
    expect(await of('acme')).toBe('of acme')
    expect(await of('<default>')).toBe('of <default>')
    expect(await of('acme', 'eu_KEY')).toBeNull()
    expect(await of('other')).toBeNull()
    // A file that has the name of a tenant.
    expect(await of('KEY')).toBeNull()
  })

  test.each(['', '.', '..', '../mounted', 'acme/../acme_eu', '/acme', 'a\0b', '..data', 'acme/'])(
    'a tenant of the id %j gets none',
    async (id) => {
      expect(await of(id)).toBeNull()
    },
  )

  test.each(['../acme_eu/KEY', 'acme_eu/KEY'])(
    'no name reaches another tenant’s directory: %s',
    async (name) => {
      expect(await of('acme', name)).toBeNull()
    },
  )
})
