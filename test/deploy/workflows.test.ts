// The workflow files: they run what the README says, and nothing that is not pinned to a version.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from './compose-file.ts'

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >
}

const folder = new URL('.github/workflows/', ROOT)
const workflows = readdirSync(folder).map(
  (name) => [name, parse(readFileSync(new URL(name, folder), 'utf8')) as Workflow] as const,
)

it('every workflow may only read, unless one of its jobs says otherwise', () => {
  expect(workflows.map(([name]) => name).sort()).toEqual(['ci.yml', 'release.yml'])
  for (const [name, { permissions }] of workflows) expect(permissions, name).toEqual({ contents: 'read' })
})

it('CI and releases run the same checks as anybody on a clone', () => {
  for (const [name, { jobs }] of workflows) {
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run }) => run))
    expect(commands, name).toContain('bash .ci/run')
  }
})

it('each action has a version', () => {
  const used = workflows.flatMap(([, { jobs }]) =>
    Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses])),
    ),
  )
  expect(used.length).toBeGreaterThan(5)
  for (const action of used) expect(action).toMatch(/@v\d+$/)
})
