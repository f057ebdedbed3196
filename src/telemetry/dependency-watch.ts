// Asks Redis and Zeebe every few seconds whether they are there. Readiness reads the result, so that a probe
// costs nothing and cannot hang; changes are told as events, which is the one clear line about an outage.
import type { Events } from './events.ts'

export interface DependencyCheck {
  readonly name: 'redis' | 'zeebe' | 'payloads'
  /** Where it is looked for, for the message. Must not hold a password. */
  readonly address: string
  /** Resolves with a word about what answered; rejects when nothing does (or `answers`, but cannot be used). */
  readonly ask: () => Promise<string>
}

export interface DependencyState {
  readonly up: boolean
  readonly message: string
}

export interface DependencyWatch {
  start(): void
  stop(): void
  /** Null until it was asked for the first time. */
  states(): Readonly<Record<string, DependencyState | null>>
  ready(): boolean
}

const EVERY_MS = 2_000
const PATIENCE_MS = 3_000

export function makeDependencyWatch(checks: readonly DependencyCheck[], events: Events): DependencyWatch {
  const states = new Map<string, DependencyState | null>(checks.map(({ name }) => [name, null]))
  const timers = new Set<NodeJS.Timeout>()
  let stopped = false
  const look = async (check: DependencyCheck): Promise<void> => {
    const state = await ask(check)
    if (stopped) return
    const before = states.get(check.name)
    states.set(check.name, state)
    if (before?.up !== state.up) events.emit('dependency', { name: check.name, ...state })
    const timer = setTimeout(() => {
      timers.delete(timer)
      void look(check)
    }, EVERY_MS)
    timers.add(timer)
  }
  return {
    start() {
      for (const check of checks) void look(check)
    },
    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
    states: () => Object.fromEntries(states),
    ready: () => [...states.values()].every((state) => state?.up === true),
  }
}

async function ask(check: DependencyCheck): Promise<DependencyState> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  try {
    return {
      up: true,
      message: `${check.name} at ${check.address}: ${await Promise.race([check.ask(), late])}`,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const answers = error instanceof Error && 'answers' in error && error.answers === true
    const what = answers ? 'cannot be used' : 'does not answer'
    return { up: false, message: `${check.name} at ${check.address} ${what}: ${reason}` }
  } finally {
    clearTimeout(timer)
  }
}
