// What Helm makes of the chart, as objects.
import { fileURLToPath } from 'node:url'
import { type Manifest, readManifests } from './manifests.ts'
import { helm } from './tools/helm.ts'
import { runTool } from './tools/run-tool.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const CHART = 'k8s/chart'
/** As the overlay for production has it. */
export const PRODUCTION = 'test/deploy/chart-production.yaml'

const found = await helm()
/** Why nothing can be rendered here; null where it can. It was said when Helm was looked for. */
export const WITHOUT_HELM = 'missing' in found ? found.missing : null

/** Runs Helm in the folder of the project. */
export function runHelm(args: readonly string[]) {
  if ('missing' in found) throw new Error(found.missing)
  return runTool(found.path, args, { cwd: ROOT })
}

/**
 * Renders the chart.
 * @param flags - further flags of `helm template`. @default the chart's own values
 * @param release - its name.
 * @throws Error with what Helm said.
 */
export async function renderChart(
  flags: readonly string[] = [],
  release = 'quarry',
): Promise<readonly Manifest[]> {
  const place = [release, CHART, '--namespace', 'quarry', '--kube-version', '1.32.0']
  const { code, stdout, stderr } = await runHelm(['template', ...place, ...flags])
  if (code !== 0) throw new Error(`Helm says: ${stderr}`)
  return readManifests(stdout).filter((manifest) => manifest !== null)
}
