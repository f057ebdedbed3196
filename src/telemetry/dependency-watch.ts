// Checks every few seconds whether Redis and Zeebe answer. Readiness probes read the result, so that they cost nothing and cannot
// hang. Each change is one event, and so the one log line about an outage.
import { answerWithin } from '../time/bounded-wait.ts'
import { makeService, type Service } from '../time/service.ts'
import type { Events } from './events.ts'

export interface DependencyCheck {
  readonly name: 'redis' | 'zeebe' | 'payloads'
  /** Address for messages. Must not contain a password. */
  readonly address: string
  /** Resolves with a word about what answered; rejects when nothing answers, or what answers cannot be used. */
  readonly ask: () => Promise<string>
}

interface DependencyState {
  readonly up: boolean
  readonly message: string
}

interface DependencyWatch extends Service {
  /** Null before the first check. */
  states(): Readonly<Record<string, DependencyState | null>>
  ready(): boolean
}

const EVERY_MS = 2_000
const PATIENCE_MS = 3_000

export function makeDependencyWatch(checks: readonly DependencyCheck[], events: Events): DependencyWatch {
  const states = new Map<string, DependencyState | null>(checks.map(({ name }) => [name, null]))
  const look = async (check: DependencyCheck, stopping: AbortSignal): Promise<void> => {
    const state = await ask(check)
    if (stopping.aborted) return
    const before = states.get(check.name)
    states.set(check.name, state)
    if (before?.up !== state.up) events.emit('dependency', { name: check.name, ...state })
  }
  // One service for each, so that a silent dependency does not delay the checks of the others.
  const services = checks.map((check) =>
    makeService({
      name: `asking whether ${check.name} is there`,
      async round(stopping) {
        await look(check, stopping)
        return EVERY_MS
      },
      onFault: (fault) => events.emit('fault', fault),
      // A stopping process needs no further check.
      stopWithinMs: 0,
    }),
  )
  return {
    name: 'asking whether dependencies are there',
    start() {
      for (const service of services) service.start()
    },
    async stop() {
      await Promise.all(services.map((service) => service.stop()))
    },
    states: () => Object.fromEntries(states),
    ready: () => [...states.values()].every((state) => state?.up === true),
  }
}

async function ask({ name, address, ask }: DependencyCheck): Promise<DependencyState> {
  try {
    return { up: true, message: `${name} at ${address}: ${await answerWithin(PATIENCE_MS, ask())}` }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const answers = error instanceof Error && 'answers' in error && error.answers === true
    const what = answers ? 'cannot be used' : 'does not answer'
    return { up: false, message: `${name} at ${address} ${what}: ${reason}` }
  }
}
