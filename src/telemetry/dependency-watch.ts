// Asks Redis and Zeebe every few seconds whether they are there. Readiness reads the result, so that a probe
// costs nothing and cannot hang; changes are told as events, which is the one clear line about an outage.
import { answerWithin } from '../time/bounded-wait.ts'
import { makeService, type Service } from '../time/service.ts'
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

export interface DependencyWatch extends Service {
  /** Null until it was asked for the first time. */
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
  // Each by itself: one that does not answer is waited for while the others are asked.
  const services = checks.map((check) =>
    makeService({
      name: `asking whether ${check.name} is there`,
      async round(stopping) {
        await look(check, stopping)
        return EVERY_MS
      },
      onFault: (fault) => events.emit('fault', fault),
      // What it would still find out nobody is told.
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
