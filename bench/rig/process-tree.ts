// CPU and memory of processes and their descendants, from Linux's process table. A worker evaluates expressions in child
// processes, which must be included.
import { readFileSync } from 'node:fs'

/** USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100

/** Processes and their living descendants; the processes alone without a process table. */
export function processTree(roots: readonly number[]): number[] {
  return roots.flatMap((pid) => [pid, ...processTree(childrenOf(pid))])
}

function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`)?.trim() ?? ''
  return text === '' ? [] : text.split(' ').map(Number)
}

/**
 * User and system time of processes and their descendants, s; ended ones count once their parent has waited for them.
 * Null without a process table.
 */
export function cpuSeconds(roots: readonly number[]): number | null {
  let ticks = 0
  for (const pid of processTree(roots)) {
    const stat = read(`/proc/${pid}/stat`)
    if (stat === null) {
      // A child may have ended since it was listed.
      if (roots.includes(pid)) return null
      continue
    }
    // utime, stime, cutime and cstime stand 12th to 15th behind the name.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  }
  return ticks / TICKS_PER_SECOND
}

export interface Memory {
  /** Resident, MB: pages that processes share count once for each. */
  readonly rss: number
  /** Proportional, MB: pages that processes share count once. */
  readonly pss: number
}

/** Memory of processes and their descendants; null without a process table. */
export function memoryOf(roots: readonly number[]): Memory | null {
  const rollups = processTree(roots).flatMap((pid) => read(`/proc/${pid}/smaps_rollup`) ?? [])
  if (rollups.length === 0) return null
  const sum = (field: string) =>
    rollups.reduce((total, text) => {
      const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text) ?? []
      return total + Number(kilobytes ?? 0) / 1_024
    }, 0)
  return { rss: sum('Rss'), pss: sum('Pss') }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
