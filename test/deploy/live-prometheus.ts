// A Prometheus of this machine that scrapes processes each second and evaluates the alerts on what it finds.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { startChild } from '../../embedded/child-process.ts'
import { until } from '../flow/quarry-process.ts'

/** The file of its rules. */
export const ALERTS = fileURLToPath(
  new URL('../../k8s/components/monitoring/quarry-alerts.yaml', import.meta.url),
)

const START_TIMEOUT_MS = 60_000

export interface LivePrometheus {
  /** The values of an instant query. @throws Error with what Prometheus says of the query. */
  query(expression: string): Promise<readonly number[]>
  /** Each alert, with the trouble that its evaluation met. */
  alerts(): Promise<readonly { readonly name: string; readonly lastError: string; readonly state: string }[]>
  stop(): Promise<void>
}

/** @param targets - `host:port` of each process. */
export async function startPrometheus(program: string, targets: readonly string[]): Promise<LivePrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-prometheus-'))
  const config = join(folder, 'prometheus.yml')
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [ALERTS],
      scrape_configs: [{ job_name: 'quarry', static_configs: [{ targets }] }],
    }),
  )
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`]
  // It says on standard error which port it took.
  const command = ['-c', 'exec "$@" 2>&1', 'sh', program, ...flags, '--web.listen-address=127.0.0.1:0']
  const child = startChild('/bin/sh', command, { env: process.env })
  let address = ''
  const get = async <T>(path: string, form?: Record<string, string>): Promise<T> => {
    const post = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
    const response = await fetch(`http://${address}${path}`, post)
    const { data, error } = (await response.json()) as { data: T; error?: string }
    if (error !== undefined) throw new Error(error)
    return data
  }
  const stop = async (): Promise<void> => {
    await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    address = await child.line(listeningOn, { timeoutMs: START_TIMEOUT_MS })
    await until('Prometheus is ready', async () => (await fetch(`http://${address}/-/ready`)).ok)
  } catch (error) {
    await stop()
    throw new Error(`Prometheus did not start:\n${child.tail()}`, { cause: error })
  }
  return {
    async query(query) {
      const { result } = await get<{ result: readonly { value: readonly [number, string] }[] }>(
        '/api/v1/query',
        { query },
      )
      return result.map(({ value }) => Number(value[1]))
    },
    async alerts() {
      type Rule = { name: string; lastError?: string; state: string; health: string }
      const { groups } = await get<{ groups: readonly { rules: readonly Rule[] }[] }>('/api/v1/rules')
      return groups.flatMap(({ rules }) =>
        rules.map(({ name, lastError, state, health }) => ({
          name,
          state,
          lastError: lastError ?? (health === 'ok' ? '' : health),
        })),
      )
    },
    stop,
  }
}

function listeningOn(line: string): string | undefined {
  return /msg="Listening on" address=(\S+)/.exec(line)?.[1]
}
