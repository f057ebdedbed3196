// Caches the answers of AWS STS by credential. Concurrent questions about one credential share a request, and a few requests per region run
// at a time. A region whose STS does not answer is not asked for a while, longer each time.
import type { AccountAnswer, AccountQuestions } from '../aws/caller-identity.ts'
import { type Credential, credentialHash } from '../job/credential.ts'
import { keepLatest } from '../job/keep-latest.ts'

type KnownAnswer = Exclude<AccountAnswer, { kind: 'away' }>

export interface AccountAnswersParts extends Pick<AccountQuestions, 'ask'> {
  /** STS of a region does not answer. Called once, until it answers again. */
  readonly onAway: (region: string, failure: Extract<AccountAnswer, { kind: 'away' }>['failure']) => void
  /** STS accepted or refused a credential. */
  readonly onAnswer: (credential: Credential, answer: KnownAnswer) => void
  /** ms, from any start. */
  readonly now: () => number
}

interface AccountAnswers {
  /** Resolves once an answer is known, or at once if STS did not answer lately. Never rejects. */
  find(credential: Credential, region: string): Promise<unknown>
  /** The cached answer. */
  known(credential: Credential, region: string): KnownAnswer | null
}

const ACCOUNT_MS = 3_600_000
/** Short: AWS takes a moment to know a new key everywhere. */
const REFUSED_MS = 60_000
const FIRST_AWAY_MS = 5_000
const LONGEST_AWAY_MS = 600_000
const MOST_CREDENTIALS = 2_000
const MOST_REGIONS = 100
/** Per region: diagrams name regions, and one whose STS hangs must not block the others. */
const MOST_AT_ONCE = 10

interface Known {
  answer: KnownAnswer | null
  /** Ask again after this. */
  untilMs: number
  flight: Promise<void> | null
}

export function makeAccountAnswers(parts: AccountAnswersParts): AccountAnswers {
  const { ask, now, onAway, onAnswer } = parts
  const credentials = new Map<string, Known>()
  const away = new Map<string, { untilMs: number; forMs: number }>()
  const turns = new Map<string, InTurn>()
  const inTurn = (place: string, work: () => Promise<void>): Promise<void> => {
    const own = turns.get(place) ?? makeTurns(MOST_AT_ONCE)
    keepLatest(turns, place, own, MOST_REGIONS)
    return own(work)
  }
  const learn = (known: Known, answer: AccountAnswer, place: string, region: string): void => {
    if (answer.kind !== 'away') {
      away.delete(place)
      known.answer = answer
      known.untilMs = now() + (answer.kind === 'account' ? ACCOUNT_MS : REFUSED_MS)
      return
    }
    const forMs = Math.min(LONGEST_AWAY_MS, 2 * (away.get(place)?.forMs ?? FIRST_AWAY_MS / 2))
    // Not for the process's own credentials: without their account, all keys still have their accounts' lanes.
    if (!away.has(place) && place.startsWith('static')) onAway(region, answer.failure)
    keepLatest(away, place, { untilMs: now() + forMs, forMs }, MOST_REGIONS)
  }
  return {
    async find(credential, region) {
      const id = credentialHash(credential, region)
      // Apart by kind: a process without own credentials can still reach STS with keys. A role or a profile may fail alone.
      const isKeys = credential.kind === 'chain' || credential.kind === 'static'
      const place = isKeys ? `${credential.kind} ${region}` : id
      const known = credentials.get(id) ?? { answer: null, untilMs: Number.NEGATIVE_INFINITY, flight: null }
      keepLatest(credentials, id, known, MOST_CREDENTIALS)
      if (now() < known.untilMs || (known.flight === null && now() < (away.get(place)?.untilMs ?? 0))) return
      known.flight ??= inTurn(place, async () => {
        if (now() < (away.get(place)?.untilMs ?? 0)) return
        const answer = await ask(credential, region)
        learn(known, answer, place, region)
        if (answer.kind !== 'away') onAnswer(credential, answer)
      }).finally(() => {
        known.flight = null
      })
      // Wait neither for an STS that did not answer before, nor for the refresh of a known account.
      if (!away.has(place) && known.answer?.kind !== 'account') await known.flight
    },
    known: (credential, region) => credentials.get(credentialHash(credential, region))?.answer ?? null,
  }
}

type InTurn = (work: () => Promise<void>) => Promise<void>

function makeTurns(most: number): InTurn {
  const line: (() => void)[] = []
  let free = most
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      await work()
    } finally {
      const next = line.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
