// Writes the generated files of k8s/components/monitoring; run by `npm run monitoring`. A test fails when a file is out of
// date.
import { readFile, writeFile } from 'node:fs/promises'
import { dashboard } from './dashboard.ts'
import { prometheusRule } from './prometheus-rule.ts'

const folder = new URL('../components/monitoring/', import.meta.url)

await writeFile(new URL('quarry-dashboard.json', folder), `${JSON.stringify(dashboard(), null, 2)}\n`)
const alerts = await readFile(new URL('quarry-alerts.yaml', folder), 'utf8')
await writeFile(new URL('prometheus-rule.yaml', folder), prometheusRule(alerts))
