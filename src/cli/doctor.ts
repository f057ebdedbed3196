// `quarry doctor`: checks what Quarry needs, and what to do where it is missing. Changes nothing.
import { styleText } from 'node:util'
import { makeMask } from '../connector/secret-masking.ts'
import { type Finding, fault, ok, type Verdict, warning } from '../doctor/finding.ts'
import { runChecks } from '../doctor/run-checks.ts'
import { SettingsError } from '../settings/load-settings.ts'
import { doctorChecks } from './doctor-checks.ts'
import { type OutputFlags, shown } from './output.ts'
import { loadFrom, type SettingsFlags } from './read-settings.ts'
import { UsageError } from './usage-error.ts'

interface Flags extends SettingsFlags, OutputFlags {
  readonly model?: string
  readonly region?: string
}

/** The command `quarry doctor`. */
export async function doctor(flags: Flags): Promise<number> {
  const findings = await look(flags)
  const healthy = findings.every(({ level }) => level !== 'fault')
  process.stdout.write(shown(flags, { healthy, findings }, () => report(findings)))
  return healthy ? 0 : 1
}

async function look(flags: Flags): Promise<readonly Finding[]> {
  const ofSettings = (verdicts: readonly Verdict[]) =>
    verdicts.map((verdict) => ({ check: 'settings', ...verdict }))
  try {
    const { settings, warnings } = await loadFrom('doctor', flags)
    const { model } = flags
    const region = flags.region ?? settings.regions?.[0] ?? settings.aws.region
    if (model !== undefined && region === undefined)
      throw new UsageError('in which region? Give --region, or set AWS_REGION.', 'doctor')
    const mask = makeMask(SECRETS.flatMap((name) => ({ name, value: process.env[name] ?? '' })))
    const found = await runChecks(doctorChecks({ settings, region, model }))
    return [
      ...ofSettings([ok('They are understood; `quarry config` shows them.'), ...warnings.map(warning)]),
      ...found.map((finding) => ({ ...finding, text: mask(finding.text) })),
    ]
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    const rest = fault('Nothing else was checked: every other check needs the settings.')
    return ofSettings([...error.problems.map(fault), rest])
  }
}

/** Secrets that the AWS SDK, or a program that it starts, could repeat in an error. Our own texts never hold one. */
const SECRETS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_BEARER_TOKEN_BEDROCK']
const COLOURS = { ok: 'green', skipped: 'dim', warning: 'yellow', fault: 'red' } as const

function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.map(({ level, check, text }) => {
    // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
    const shown = styleText(COLOURS[level], level.padEnd(7), { stream: process.stdout })
    return `${shown}  ${check.padEnd(width)}  ${text}`
  })
  const count = (level: Finding['level']): number =>
    findings.filter((finding) => finding.level === level).length
  return `${lines.join('\n')}\n\nFaults: ${count('fault')}, warnings: ${count('warning')}.\n`
}
