// Words whether the running processes, and these settings, have the same payload keys. Pure. The id of a key is the first
// eight digits of its SHA-256.
import type { KeyHolder } from '../payload/key-holders.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

const SAME =
  'Give all of them the same keys (QUARRY_PAYLOAD_KEY or QUARRY_PAYLOAD_KEY_FILE) and restart those that lack one.'
const NONE =
  'Prompts and answers are unencrypted in Redis, as in Zeebe. Set QUARRY_PAYLOAD_KEY or QUARRY_PAYLOAD_KEY_FILE, the same in all processes, to encrypt them: openssl rand -base64 32 makes a key.'
const MOST_NAMED = 5

/** @param own - ids of the keys of these settings; the first would encrypt. */
export function judgeKeys(own: readonly string[], holders: readonly KeyHolder[]): readonly Verdict[] {
  const inUse = idsOf(holders.map(({ keys: [first] }) => first))
  const faults = [
    ...missing(inUse, holders),
    ...wanted(holders),
    ...spare(inUse, holders),
    ...refused(holders),
  ]
  return [judgeOwn(own, inUse, holders), ...faults]
}

/** Compares these settings with the running processes. */
function judgeOwn(own: readonly string[], inUse: readonly string[], holders: readonly KeyHolder[]): Verdict {
  const lacking = inUse.filter((id) => !own.includes(id))
  const running = `Processes that run (${holders.length}) encrypt with ${listed(inUse)}`
  if (lacking.length > 0) {
    const have = own.length === 0 ? 'hold no payload key' : `hold ${listed(own)} only`
    return warning(
      `${running}; these settings ${have}. A process that is started with them could not read what those encrypt: set the same keys.`,
    )
  }
  if (own.length === 0) return warning(NONE)
  const [first = ''] = own
  if (holders.length > 0 && !inUse.includes(first)) {
    return warning(
      `These settings would encrypt with key ${first}; ${inUse.length > 0 ? running.toLowerCase() : `processes that run (${holders.length}) encrypt nothing`}. Before a process encrypts with a new key, all must have it as a further one.`,
    )
  }
  const shared = holders.length > 0 ? `, as processes that run (${holders.length}) do` : ''
  return ok(`Payloads are encrypted with key ${first}${shared}; keys: ${own.length}.`)
}

/** Processes that cannot read what others write now. */
function missing(inUse: readonly string[], holders: readonly KeyHolder[]): Verdict[] {
  return inUse.flatMap((id) => {
    const lacking = holders.filter(({ keys }) => !keys.includes(id))
    if (lacking.length === 0) return []
    const having = holders.filter(({ keys }) => keys[0] === id)
    return [
      fault(
        `${named(lacking)} cannot read what ${named(having)} encrypt${having.length === 1 ? 's' : ''}: key ${id} is missing there. They leave such jobs to the others. ${SAME}`,
      ),
    ]
  })
}

/** Keys of payloads in Redis that no running process has. */
function wanted(holders: readonly KeyHolder[]): Verdict[] {
  const there = new Set(holders.flatMap(({ keys }) => keys))
  return idsOf(holders.flatMap(({ lacks }) => lacks))
    .filter((id) => !there.has(id))
    .map((id) =>
      fault(
        `Payloads wait in Redis under key ${id}, which no process that runs has. Start the processes with that key as a further one, until nothing of it waits.`,
      ),
    )
}

/** Keys that only decrypt, and that some processes lack: these leave payloads under such a key to the others. */
function spare(inUse: readonly string[], holders: readonly KeyHolder[]): Verdict[] {
  return idsOf(holders.flatMap(({ keys }) => keys))
    .filter((id) => !inUse.includes(id) && holders.some(({ keys }) => !keys.includes(id)))
    .map((id) =>
      warning(
        `Key ${id} is there to decrypt only, and not in ${named(holders.filter(({ keys }) => !keys.includes(id)))}. Before it encrypts, all processes must have it; before it is left out, nothing of it may wait.`,
      ),
    )
}

/** Jobs that were set aside until somebody acts. */
function refused(holders: readonly KeyHolder[]): Verdict[] {
  return holders.flatMap((holder) =>
    Object.entries(holder.refuses ?? {}).map(([why, jobs]) =>
      fault(
        `${named([holder])} has set ${jobs} ${jobs === 1 ? 'job' : 'jobs'} aside, as their payloads in Redis cannot be trusted (${why}). ${REMEDIES[why] ?? TAMPERED}`,
      ),
    ),
  )
}

const TAMPERED =
  'It was changed there, or put into the place of another: find out who can write to this Redis. Its log names each job.'
const REMEDIES: Readonly<Record<string, string>> = {
  plaintext:
    'If it was written before there was a payload key, set QUARRY_PAYLOAD_PLAINTEXT=accept until nothing of it waits; else find out who can write to this Redis.',
  oldFormat: 'Set QUARRY_PAYLOAD_OLD_FORMAT=read until nothing of it waits.',
  unproven:
    'If the version before wrote it, set QUARRY_PAYLOAD_OLD_FORMAT=write until nothing of it waits; else find out who can write to this Redis.',
  unknownVersion: 'A newer version of Quarry wrote it: update all processes.',
}

function idsOf(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.flatMap((id) => id ?? []))].sort()
}

function listed(ids: readonly string[]): string {
  return `key${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`
}

function named(holders: readonly KeyHolder[]): string {
  const names = holders.slice(0, MOST_NAMED).map(({ name, roles }) => `${name} (${roles.join(', ')})`)
  const more = holders.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
