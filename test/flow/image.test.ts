// The image without Docker: its files as the Dockerfile lays them, run with the environment and, where the tests run as
// root, by the user that it names, who can write none of them.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { onFreePort, PortTakenError } from '../../embedded/free-port.ts'
import { makeEngineRecords } from '../../embedded/zeebe/records.ts'
import { type ImageTree, layImage } from '../deploy/image-tree.ts'
import { environment, until } from './quarry-process.ts'

/** `npm ci` is slow on a machine that is busy with other things. */
const INSTALL_TIMEOUT_MS = 400_000

interface Container {
  output(): string
  readonly ended: Promise<unknown>
  stop(): Promise<unknown>
}

let image: ImageTree
let env: Record<string, string>
const running: Container[] = []

beforeAll(async () => {
  image = await layImage()
  const { AWS_CA_BUNDLE, QUARRY_PORT, ...rest } = environment({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: inject('simUrl'),
  })
  // The home of that user in the base image, which Docker puts there. On port 1 nobody listens.
  env = { ...rest, ...image.env, HOME: '/home/nonroot', QUARRY_PORT: '1' }
}, INSTALL_TIMEOUT_MS)
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await image?.remove()
})

/** Paths of the image among the arguments become paths of its tree. */
function localCommand(words: readonly string[]): [program: string, args: string[]] {
  const [program = '', ...args] = words.map((word) => (word.startsWith('/') ? image.at(word) : word))
  return [program, args]
}

/** Only root may become another user, whose files these are not. */
function asUser(): { uid: number; gid: number } | Record<never, never> {
  const [uid = 0, gid = 0] = image.user.split(':').map(Number)
  return process.getuid?.() === 0 ? { uid, gid } : {}
}

function start(words: readonly string[]): Container {
  const [program, args] = localCommand(words)
  const child = spawn(program, args, { cwd: image.at('/app'), env, ...asUser() })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  const ended = once(child, 'close').then(([code]) => code)
  const container = {
    output: () => output,
    ended,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
  running.push(container)
  return container
}

async function startOn(port: number): Promise<Container> {
  env = { ...env, QUARRY_PORT: String(port) }
  const quarry = start([...image.entrypoint, ...image.command])
  const serves = async () => quarry.output().includes('"quarry started"')
  const ended = quarry.ended.then(() => true)
  await Promise.race([ended, until(`it serves: ${quarry.output()}`, serves)])
  if (!quarry.output().includes('another process uses it')) return quarry
  running.splice(0)
  throw new PortTakenError(quarry.output())
}

/** Runs to its end and gives the exit code. */
async function run(words: readonly string[]): Promise<number> {
  const [program, args] = localCommand(words)
  return promisify(execFile)(program, args, { cwd: image.at('/app'), env, ...asUser() }).then(
    () => 0,
    ({ code }: { code: number }) => code,
  )
}

describe('the image', () => {
  it('runs every role, and its health check says when they are ready', async () => {
    expect(await run(image.healthcheck)).toBe(1)
    const quarry = await onFreePort(startOn)
    await until(`it is healthy: ${quarry.output()}`, async () => (await run(image.healthcheck)) === 0)
    const started = quarry
      .output()
      .split('\n')
      .find((line) => line.includes('"quarry started"'))
    expect(JSON.parse(started ?? '')).toMatchObject({ roles: ['adapter', 'bedrock', 'ops'] })
    expect(started).toContain('http://0.0.0.0:')
  })

  it('has the example application, whose instances complete', async () => {
    const records = makeEngineRecords(Number(new URL(inject('zeebeRecordsUrl')).port))
    const claims = start(['/nodejs/bin/node', '/app/examples/start-claims.ts', '--per-minute', '600'])
    const ofClaims = async (intent: string) =>
      (await records.since(-1, { valueType: 'PROCESS_INSTANCE', limit: 100_000 })).records.filter(
        ({ intent: seen, value }) =>
          seen === intent &&
          value['bpmnProcessId'] === 'claim-triage' &&
          value['bpmnElementType'] === 'PROCESS',
      )
    const areThrough = async () => (await ofClaims('ELEMENT_COMPLETED')).length >= 5
    await until('five claims are through', areThrough).catch((error: unknown) => {
      throw new Error(`${error}\n${claims.output()}\n${running[0]?.output().slice(-5_000)}`)
    })
    expect(await claims.stop()).toBe(0)
    expect(claims.output()).toContain('Deployed claim-triage.bpmn')
  })

  it('ends with 0 when it is told to stop', async () => {
    expect(await running[0]?.stop()).toBe(0)
  })

  it('has every file that its other commands load', async () => {
    for (const command of ['sim', 'demo']) expect(await run([...image.entrypoint, command, '--help'])).toBe(0)
  })

  it('for production has neither stand-in nor demo, and gives the remedy when one is run', async () => {
    for (const folder of ['sim', 'embedded', 'examples']) {
      await rename(image.at(`/app/${folder}`), image.at(`/app/.${folder}`))
    }
    for (const command of [['config'], ['doctor', '--help']]) {
      expect(await run([...image.entrypoint, ...command])).toBe(0)
    }
    for (const command of ['sim', 'demo']) {
      const container = start([...image.entrypoint, command])
      expect(await container.ended).toBe(1)
      expect(container.output()).toContain(`quarry ${command} is not part of this image`)
    }
  })

  it('has no development package, and no second Node', () => {
    const { packages } = JSON.parse(
      readFileSync(image.at('/app/node_modules/.package-lock.json'), 'utf8'),
    ) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>
    }
    expect(Object.keys(packages)).toContain('node_modules/bullmq')
    // npm keeps one that is of development and an optional peer of something else, too: the compiler, 30 MB.
    expect(
      Object.entries(packages).filter(([, { dev, devOptional }]) => dev === true || devOptional === true),
    ).toEqual([])
    expect(Object.keys(packages).filter((path) => path.startsWith('node_modules/node-linux'))).toEqual([])
  })
})
