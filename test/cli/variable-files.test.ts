import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readVariableFiles } from '../../src/cli/variable-files.ts'
import { describeSettings } from '../../src/settings/describe-settings.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { runQuarry } from './run-quarry.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-variables-'))
  onTestFinished(() => rm(folder, { recursive: true }))
})

async function put(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}

async function load(env: Record<string, string>) {
  return loadSettings({ env, variableFiles: await readVariableFiles(env) })
}

describe('a file in place of a variable', () => {
  it('holds its value, without the line end', async () => {
    const { settings, warnings } = await load({
      REDIS_URL_FILE: await put('redis', 'rediss://quarry:s3cret@redis.example.com:6379\n'),
      QUARRY_REDIS_PASSWORD_FILE: await put('password', ' with blanks \r\n'),
      CAMUNDA_AUTH_STRATEGY: 'NONE',
      CAMUNDA_CLIENT_SECRET_FILE: await put('client', 'abc'),
      CAMUNDA_CLIENT_AUTH_PASSWORD_FILE: await put('basic', 'def\n'),
      OTEL_EXPORTER_OTLP_HEADERS_FILE: await put('headers', 'x-api-key=ghi\n'),
    })
    expect(warnings).toEqual([])
    expect(settings.redis.url).toBe('rediss://quarry:s3cret@redis.example.com:6379')
    expect(settings.redis.password).toBe(' with blanks ')
    expect(settings.zeebe.auth).toMatchObject({ clientSecret: 'abc', password: 'def' })
    expect(settings.tracing.headers).toBe('x-api-key=ghi')
  })

  it('is shown as the source, without its content', async () => {
    const path = await put('secret', 'abc')
    const { settings, sources } = await load({ CAMUNDA_CLIENT_SECRET_FILE: path })
    const row = describeSettings(settings, sources).find(({ name }) => name === 'zeebe.auth.clientSecret')
    expect(row?.source).toBe(`environment CAMUNDA_CLIENT_SECRET in ${path}`)
    expect(row?.value).not.toContain('abc')
  })

  it('ends the command when it cannot be read or its variable is set, too; the message names all such files', async () => {
    const { code, stderr } = await runQuarry(['config'], {
      REDIS_URL_FILE: join(folder, 'none'),
      CAMUNDA_CLIENT_SECRET_FILE: await put('secret', 'held-by-file'),
      CAMUNDA_CLIENT_SECRET: 'held-by-variable',
    })
    expect(code).toBe(1)
    expect(stderr).toContain(`REDIS_URL_FILE: the file ${folder}/none cannot be read (ENOENT).`)
    expect(stderr).toContain('CAMUNDA_CLIENT_SECRET_FILE: CAMUNDA_CLIENT_SECRET is set, too.')
    expect(stderr).not.toContain('held-by')
  })

  it('is not read for a setting that is not a secret or that already names a file', async () => {
    await expect(load({ QUARRY_PORT_FILE: 'x' })).rejects.toThrow(
      'QUARRY_PORT_FILE: there is no such setting',
    )
    const path = await put('keys', 'not read here')
    expect((await load({ QUARRY_PAYLOAD_KEY_FILE: path })).settings.payloadKeyFile).toBe(path)
  })
})

describe('a directory of variables', () => {
  it('sets the variables that its files are named after, through the links that Kubernetes makes', async () => {
    await mkdir(join(folder, '..2026_11_30'))
    await writeFile(join(folder, '..2026_11_30', 'REDIS_URL'), 'redis://redis:6379\n')
    await symlink('..2026_11_30', join(folder, '..data'))
    await symlink(join('..data', 'REDIS_URL'), join(folder, 'REDIS_URL'))
    await put('CAMUNDA_AUTH_STRATEGY', 'NONE')
    await put('QUARRY_REGIONS', 'us-east-1')
    const { settings } = await load({ QUARRY_ENV_DIR: folder, QUARRY_REGIONS: 'eu-west-1' })
    expect(settings.redis.url).toBe('redis://redis:6379')
    expect(settings.regions).toEqual(['eu-west-1'])
  })

  it('may hold only known settings', async () => {
    await put('QUARRY_REGION', 'us-east-1')
    await expect(load({ QUARRY_ENV_DIR: folder })).rejects.toThrow('QUARRY_REGION: there is no such setting')
  })

  it('ends the command when it does not exist', async () => {
    const { code, stderr } = await runQuarry(['config'], { QUARRY_ENV_DIR: join(folder, 'none') })
    expect([code, stderr]).toEqual([1, expect.stringContaining('QUARRY_ENV_DIR: the directory')])
  })
})
