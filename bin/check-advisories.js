// Asks the registry for known holes in the packages that Quarry runs with (not those of development), by `npm audit`.
// Ends with 1 for a serious one. Where the registry gives no advisories, as mirrors often do, or cannot be reached, it says
// so and ends with 0: work offline is not to fail.
import { spawnSync } from 'node:child_process'

/** Advisories that do not concern us, by their GHSA number, each with the reason. */
const ACCEPTED = new Map([])
const SERIOUS = ['high', 'critical']

const { stdout, error } = spawnSync(
  'npm',
  ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000'],
  { encoding: 'utf8', shell: process.platform === 'win32', maxBuffer: 64 * 1024 * 1024 },
)
const report = parsed(stdout)
if (report?.vulnerabilities === undefined) {
  const why = error?.message ?? report?.message ?? 'npm audit gave no report'
  console.log(`Advisories were not checked, as the registry gives none: ${why}`)
} else {
  const found = Object.entries(report.vulnerabilities).flatMap(([name, { via }]) =>
    // A text is the name of another package, which has an entry of its own.
    via.filter((one) => typeof one === 'object').map((one) => ({ name, ...one })),
  )
  const open = found.filter(({ severity, url }) => SERIOUS.includes(severity) && !ACCEPTED.has(ghsaOf(url)))
  for (const { name, severity, title, url } of open) console.error(`${name}: ${title} (${severity}), ${url}`)
  console.log(`Advisories: ${found.length} known, ${open.length} serious and not accepted.`)
  process.exitCode = open.length > 0 ? 1 : 0
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function ghsaOf(url) {
  return url?.split('/').at(-1)
}
