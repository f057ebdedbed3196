// A file of lane rules for a Quarry under test.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface LanesFile {
  readonly path: string
  remove(): Promise<void>
}

/** Writes the rules, given as YAML, into a folder of their own. */
export async function makeLanesFile(content: string): Promise<LanesFile> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-lanes-'))
  const path = join(folder, 'lanes.yaml')
  await writeFile(path, content)
  return { path, remove: () => rm(folder, { recursive: true }) }
}
