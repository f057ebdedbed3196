// `quarry quota import`: writes the quotas that AWS grants as a file of lane rules. Asks AWS only.
import { writeFile } from 'node:fs/promises'
import { readBedrockQuotas } from '../aws/service-quotas.ts'
import { type ImportedQuotas, importQuotas, writeQuotas } from '../rules/quota-import.ts'
import { readSettings, type SettingsFlags } from './read-settings.ts'
import { UsageError } from './usage-error.ts'

/** The command `quarry quota import`. */
export async function importQuota(
  flags: SettingsFlags & { readonly region?: string; readonly out?: string },
): Promise<number> {
  const { settings } = await readSettings('quota import', flags)
  const named = flags.region
    ?.split(',')
    .map((region) => region.trim())
    .filter((region) => region !== '')
  const regions =
    named ?? settings.regions ?? (settings.aws.region === undefined ? [] : [settings.aws.region])
  if (regions.length === 0)
    throw new UsageError('of which regions? Give --region, or set AWS_REGION.', 'quota import')

  const found = new Map<string, ImportedQuotas>()
  for (const region of regions) {
    found.set(region, importQuotas(region, await readBedrockQuotas(region, settings.aws)))
  }
  const text = writeQuotas(new Date().toISOString().slice(0, 10), found)
  const { out } = flags
  if (out === undefined) process.stdout.write(text)
  else await writeOut(out, text)
  const count = [...found.values()].reduce((sum, { rules }) => sum + rules.length, 0)
  process.stderr.write(`${count} quotas of ${regions.join(', ')}${out === undefined ? '' : ` in ${out}`}.\n`)
  return 0
}

async function writeOut(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`--out: the file ${path} cannot be written: ${reason}`)
  })
}
