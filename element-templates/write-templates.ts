// Writes the element templates of this folder; run by `npm run templates`. A test fails when a file is out of date.
import { writeFile } from 'node:fs/promises'
import { elementTemplateFile } from './template.ts'

const write = (name: string, hybrid: boolean): Promise<void> =>
  writeFile(new URL(name, import.meta.url), `${JSON.stringify(elementTemplateFile({ hybrid }), null, 2)}\n`)

await write('quarry-bedrock.json', false)
await write('quarry-bedrock-hybrid.json', true)
