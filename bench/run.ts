// `npm run bench -- <benchmark> [flags]`; without a word it is the quota scenarios. What is measured and how: docs/benchmarks.md.
import { BENCHES } from './benches.ts'
import { measure, measureOptions } from './measure.ts'
import { pace } from './pace.ts'
import { writeComparison } from './write-comparison.ts'

const HELP = `Benchmarks of Quarry beside a plain SDK worker, on one engine, Redis and Bedrock stand-in

Usage: npm run bench -- <benchmark> [--quick] [--runs <n>] [--only <case>[,<case>]]

  pace              quotas: how much of them is used, at what cost (the default; npm run bench -- pace --help)
  comparison        draws the chart of README.md from the results that are kept; measures nothing
${BENCHES.map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join('\n')}

  --quick         small runs, one of each: does it work; nothing is written
  --runs <n>      rounds, whose medians count (default 3)
  --only <names>  these cases, with a comma between them; nothing is written

All others write bench/results/<benchmark>.json, their part of docs/benchmarks.md, and its charts.`

async function main([word = 'pace', ...rest]: readonly string[]): Promise<void> {
  const bench = BENCHES.find(({ name }) => name === word)
  if (bench !== undefined) await measure(bench, measureOptions(rest, bench))
  else if (word === 'pace') await pace(rest)
  else if (word === 'comparison') await writeComparison()
  // The flags of the quota scenarios alone.
  else if (word.startsWith('-') && word !== '--help' && word !== '-h') await pace([word, ...rest])
  else {
    if (!word.startsWith('-')) console.error(`There is no benchmark ${JSON.stringify(word)}.\n`)
    console.log(HELP)
    process.exitCode = word.startsWith('-') ? 0 : 1
  }
}

// Each started process adds a listener for the end of this one.
process.setMaxListeners(0)
// Ctrl-C must end the started processes, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

await main(process.argv.slice(2))
