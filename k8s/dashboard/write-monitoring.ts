// Writes the generated files of k8s/components/monitoring and k8s/chart/files; run by `npm run monitoring`. A test fails when a file is out of
// date.
import { readFile, writeFile } from 'node:fs/promises'
import { dashboard } from './dashboard.ts'
import { prometheusRule } from './prometheus-rule.ts'

const folder = new URL('../components/monitoring/', import.meta.url)
// A chart contains all of its files.
const chart = new URL('../chart/files/', import.meta.url)

const panels = `${JSON.stringify(dashboard(), null, 2)}\n`
for (const each of [folder, chart]) await writeFile(new URL('quarry-dashboard.json', each), panels)
const alerts = await readFile(new URL('quarry-alerts.yaml', folder), 'utf8')
await writeFile(new URL('prometheus-rule.yaml', folder), prometheusRule(alerts))
await writeFile(new URL('quarry-alerts.yaml', chart), alerts)
