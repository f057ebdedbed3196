// `npm run bench -- comparison`: draws the chart of README.md from the results that are kept.
import { readFile, writeFile } from 'node:fs/promises'
import { comparisonChart } from './report/comparison.ts'

const CHART = new URL('../docs/images/comparison.svg', import.meta.url)

export async function writeComparison(): Promise<void> {
  await writeFile(CHART, comparisonChart(await results('pace'), await results('stock-connector')))
}

async function results(name: string) {
  return JSON.parse(await readFile(new URL(`results/${name}.json`, import.meta.url), 'utf8'))
}
