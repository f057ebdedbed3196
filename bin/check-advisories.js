// Checks the packages that Quarry runs with (not those of development) for known vulnerabilities, by `npm audit`. Ends with 1
// for a serious one. Without advisories (many mirrors have none) or without a registry it prints that and ends with 0, so that
// work offline does not fail.
import { spawnSync } from 'node:child_process'

/** Advisories that do not affect Quarry, by GHSA id, each with the reason. */
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
    // A string names another package, which has its own entry.
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
