// Prometheus and promtool out of Debian's package, without installing it.
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { keepTool, removeFolder } from './keep-tool.ts'
import { runTool } from './run-tool.ts'

export interface PrometheusPrograms {
  readonly prometheus: string
  readonly promtool: string
}

/** The programs, or why there are none. */
export async function prometheusPrograms(): Promise<PrometheusPrograms | { readonly missing: string }> {
  const kept = await keepTool('prometheus-debian', async (folder) => {
    await download(folder)
    const deb = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? ''
    await must('dpkg', ['-x', deb, 'package'], folder)
    for (const name of ['prometheus', 'promtool']) {
      await rename(join(folder, 'package', 'usr', 'bin', name), join(folder, name))
    }
    for (const rest of [deb, 'package', 'lists']) await removeFolder(join(folder, rest))
  })
  if ('missing' in kept) return kept
  return { prometheus: join(kept.folder, 'prometheus'), promtool: join(kept.folder, 'promtool') }
}

/** By the lists of packages that the machine has, else by lists of our own: those of the machine need root. */
async function download(folder: string): Promise<void> {
  const { code } = await runTool('apt-get', ['download', 'prometheus'], { cwd: folder })
  if (code === 0) return
  const lists = join(folder, 'lists')
  for (const part of ['lists', 'archives']) await mkdir(join(lists, part, 'partial'), { recursive: true })
  const own = ['-o', `Dir::State=${lists}`, '-o', `Dir::Cache=${lists}`, '-o', 'APT::Sandbox::User=root']
  const status = ['-o', 'Dir::State::status=/var/lib/dpkg/status']
  await must('apt-get', [...own, ...status, 'update'], folder)
  await must('apt-get', [...own, ...status, 'download', 'prometheus'], folder)
}

async function must(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await runTool(command, args, { cwd })
  if (code !== 0) throw new Error(`${command} failed: ${stderr.trim().slice(-300)}`)
}
