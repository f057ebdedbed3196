// Writes docs/settings.md; run by `npm run docs`. A test fails when the page is out of date.
import { writeFile } from 'node:fs/promises'
import { settingsPage } from './describe-settings.ts'

await writeFile(new URL('../../docs/settings.md', import.meta.url), settingsPage())
